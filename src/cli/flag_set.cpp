#include "stac/cli/flag_set.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <string_view>

#include "flag_help.hpp"
#include "stac/error.hpp"
#include "suggestion.hpp"

namespace stac::cli {
namespace {

/// "-T,--timesteps" -> "--timesteps".
std::string long_name(const std::string& names) {
  const std::size_t at = names.find("--");
  return at == std::string::npos ? names : names.substr(at);
}

/// An argument as a flag's name and, from the equals sign on, its value.
struct SplitArgument {
  std::string name, value;
};

SplitArgument split(std::string_view argument) {
  const auto end = std::find(argument.begin(), argument.end(), '=');
  return {{argument.begin(), end}, {end, argument.end()}};
}

std::int64_t parse_integer(const std::string& flag, const std::string& value, IntegerRange range) {
  std::int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [parsed, error] = std::from_chars(value.data(), end, number);
  const bool whole = error == std::errc() && parsed == end;
  if (!whole || number < range.least || number > range.most) {
    throw UsageError(flag + " cannot be '" + value + "'",
                     "give a whole number from " + std::to_string(range.least) + " to " + std::to_string(range.most));
  }
  return number;
}

double parse_number(const std::string& flag, const std::string& value, NumberRange range) {
  double number = 0.0;
  const char* end = value.data() + value.size();
  const auto [parsed, error] = std::from_chars(value.data(), end, number);
  const bool whole = error == std::errc() && parsed == end && std::isfinite(number);
  if (!whole || number < range.least || number > range.most) {
    char hint[96];
    std::snprintf(hint, sizeof hint, "give a number from %g to %g", range.least, range.most);
    throw UsageError(flag + " cannot be '" + value + "'", hint);
  }
  return number;
}

std::string joined(const std::vector<std::string>& words, const std::string& separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

const std::string& require_choice(const std::string& flag, const std::string& value,
                                  const std::vector<std::string>& values) {
  if (std::find(values.begin(), values.end(), value) != values.end()) return value;
  throw UsageError(flag + " cannot be '" + value + "'", "choose from: " + joined(values, ", "));
}

}  // namespace

struct FlagSet::State {
  using Store = std::function<void(const std::vector<std::string>&)>;
  struct Flag {
    CLI::Option* option;
    std::string name;  ///< long
    bool repeated;
    Store store;
  };

  CLI::App app;
  std::vector<Flag> flags;
  std::map<std::string, std::string> aliases;
  std::vector<HelpSection> help{{"Options", {}}};

  State() {
    app.set_help_flag();
    app.allow_extras();
  }

  void add_help(const std::string& names, const std::string& placeholder, const std::string& text) {
    help.back().entries.push_back({names, placeholder, text});
  }

  void add_valued(const std::string& names, const std::string& placeholder, const std::string& text, bool repeated,
                  Store store) {
    CLI::Option* option = app.add_option(names, [](const CLI::results_t&) { return true; });
    option->type_size(1)->expected(1);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    flags.push_back({option, long_name(names), repeated, std::move(store)});
    add_help(names, placeholder, text);
  }

  void add_single(const std::string& names, const std::string& placeholder, const std::string& text,
                  std::function<void(const std::string&)> store) {
    add_valued(names, placeholder, text, false,
               [store = std::move(store)](const std::vector<std::string>& values) { store(values.front()); });
  }

  /// A flag that takes no following argument; `names` may carry CLI11's default, "--json{-}".
  void add_toggle(const std::string& names, Store store) {
    CLI::Option* option = app.add_flag(names);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    const std::string bare = names.substr(0, names.find('{'));
    flags.push_back({option, long_name(bare), false, std::move(store)});
  }

  [[nodiscard]] const Flag* find(const std::string& name) const {
    const auto it = std::find_if(flags.begin(), flags.end(), [&](const Flag& flag) { return flag.name == name; });
    return it == flags.end() ? nullptr : &*it;
  }

  /// Underscores of a long flag's name as dashes, and an alias as the flag that it stands for; values stay.
  [[nodiscard]] std::string resolved(const std::string& argument) const {
    if (!argument.starts_with("--")) return argument;
    SplitArgument flag = split(argument);
    std::replace(flag.name.begin(), flag.name.end(), '_', '-');
    const auto alias = aliases.find(flag.name);
    return (alias == aliases.end() ? flag.name : alias->second) + flag.value;
  }

  [[noreturn]] void refuse(const std::string& argument) const {
    if (!argument.starts_with("-") || argument == "-") {
      throw UsageError("'" + argument + "' belongs to no flag", "values follow their flags; see --help");
    }
    const std::string name = split(argument).name;
    std::vector<std::string> known;
    for (const Flag& flag : flags) known.push_back(flag.name);
    const auto nearest = nearest_word(name, known);
    throw UsageError("there is no flag " + name, nearest ? "did you mean " + *nearest + "?" : "see --help");
  }
};

FlagSet::FlagSet() : state_(std::make_unique<State>()) {}
FlagSet::~FlagSet() = default;

void FlagSet::section(const std::string& title) { state_->help.push_back({title, {}}); }

void FlagSet::toggle(const std::string& names, bool& target, const std::string& help) {
  const std::string flag = long_name(names);
  state_->add_toggle(names, [&target, flag](const std::vector<std::string>& values) {
    if (values.front() != "true")
      throw UsageError(flag + " takes no value", "give " + flag + " alone, or leave it out");
    target = true;
  });
  state_->add_help(names, "", help);
}

void FlagSet::text(const std::string& names, std::string& target, const std::string& placeholder,
                   const std::string& help) {
  state_->add_single(names, placeholder, help, [&target](const std::string& value) { target = value; });
}

void FlagSet::text(const std::string& names, std::optional<std::string>& target, const std::string& placeholder,
                   const std::string& help) {
  state_->add_single(names, placeholder, help, [&target](const std::string& value) { target = value; });
}

void FlagSet::texts(const std::string& names, std::vector<std::string>& target, const std::string& placeholder,
                    const std::string& help) {
  state_->add_valued(names, placeholder, help, true,
                     [&target](const std::vector<std::string>& values) { target = values; });
}

void FlagSet::path(const std::string& names, std::optional<std::filesystem::path>& target,
                   const std::string& placeholder, const std::string& help) {
  const std::string flag = long_name(names);
  state_->add_single(names, placeholder, help, [&target, flag](const std::string& value) {
    if (value.empty()) throw UsageError(flag + " is empty", "give a path");
    target = value;
  });
}

void FlagSet::optional_path(const std::string& names, std::optional<std::filesystem::path>& target,
                            const std::string& help) {
  state_->add_toggle(names + "{-}", [&target](const std::vector<std::string>& values) {
    target = values.front() == "-" ? std::string() : values.front();
  });
  state_->add_help(names + "[=FILE]", "", help);
}

void FlagSet::integer(const std::string& names, std::int64_t& target, IntegerRange range, const std::string& help) {
  const std::string flag = long_name(names);
  state_->add_single(names, "N", help,
                     [&target, flag, range](const std::string& value) { target = parse_integer(flag, value, range); });
}

void FlagSet::integer(const std::string& names, std::optional<std::int64_t>& target, IntegerRange range,
                      const std::string& help) {
  const std::string flag = long_name(names);
  state_->add_single(names, "N", help,
                     [&target, flag, range](const std::string& value) { target = parse_integer(flag, value, range); });
}

void FlagSet::number(const std::string& names, double& target, NumberRange range, const std::string& help) {
  const std::string flag = long_name(names);
  state_->add_single(names, "X", help,
                     [&target, flag, range](const std::string& value) { target = parse_number(flag, value, range); });
}

void FlagSet::number(const std::string& names, std::optional<double>& target, NumberRange range,
                     const std::string& help) {
  const std::string flag = long_name(names);
  state_->add_single(names, "X", help,
                     [&target, flag, range](const std::string& value) { target = parse_number(flag, value, range); });
}

void FlagSet::choice(const std::string& names, std::optional<std::string>& target,
                     const std::vector<std::string>& values, const std::string& help) {
  const std::string flag = long_name(names);
  state_->add_single(names, joined(values, "|"), help, [&target, flag, values](const std::string& value) {
    target = require_choice(flag, value, values);
  });
}

void FlagSet::choice(const std::string& names, std::string& target, const std::vector<std::string>& values,
                     const std::string& help) {
  const std::string flag = long_name(names);
  state_->add_single(names, joined(values, "|"), help, [&target, flag, values](const std::string& value) {
    target = require_choice(flag, value, values);
  });
}

void FlagSet::alias(const std::string& other, const std::string& declared) { state_->aliases[other] = declared; }

void FlagSet::parse(std::span<const std::string> arguments) {
  std::vector<std::string> reversed;  // CLI11 takes them from the back
  for (const std::string& argument : arguments) reversed.push_back(state_->resolved(argument));
  std::reverse(reversed.begin(), reversed.end());
  try {
    state_->app.parse(reversed);
  } catch (const CLI::ArgumentMismatch& error) {  // "--name: .."
    const std::string message = error.what(), name = message.substr(0, message.find(':'));
    throw UsageError(name + " has no value",
                     "give " + name + " VALUE; one that begins with dashes as " + name + "=VALUE");
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what(), "see --help");
  }
  for (const std::string& argument : state_->app.remaining()) state_->refuse(argument);
  for (const State::Flag& flag : state_->flags) {
    const std::vector<std::string> values = flag.option->results();
    if (values.empty()) continue;
    if (values.size() > 1 && !flag.repeated) {
      throw UsageError(flag.name + " is given " + std::to_string(values.size()) + " times", "give it once");
    }
    flag.store(values);
  }
}

bool FlagSet::given(const std::string& name) const {
  const State::Flag* flag = state_->find(name);
  return flag != nullptr && flag->option->count() > 0;
}

std::string FlagSet::help() const { return format_help(state_->help); }

}  // namespace stac::cli
