#include "text/jinja/string_methods.hpp"

#include <algorithm>
#include <array>

#include "text/jinja/error.hpp"
#include "text/jinja/printing.hpp"
#include "text/jinja/unicode.hpp"

namespace stac::text::jinja {
namespace {

const std::string& string_argument(const Arguments& arguments, std::size_t position, std::string_view name) {
  const Value& value = arguments.require(position, name);
  if (!value.is_string())
    throw ValueError("the argument '" + std::string(name) + "' must be a string, not " + value.kind());
  return value.as_string();
}

std::int64_t integer_argument(const Arguments& arguments, std::size_t position, std::string_view name,
                              std::int64_t otherwise) {
  const Value* value = arguments.find(position, name);
  if (!value) return otherwise;
  if (!value->is_integer()) throw ValueError("the argument '" + std::string(name) + "' must be a whole number");
  return value->as_integer();
}

template <Ends ends>
Value strip_method(const Value& self, const Arguments& arguments) {
  arguments.allow(1, {"chars"});
  const Value* characters = arguments.find(0, "chars");
  if (!characters || characters->is_none()) return std::string(strip(self.as_string(), ends));
  const std::string& chosen = string_argument(arguments, 0, "chars");
  return std::string(strip(self.as_string(), ends, &chosen));
}

template <std::string (*convert)(std::string_view)>
Value convert_method(const Value& self, const Arguments& arguments) {
  arguments.allow(0);
  return convert(self.as_string());
}

/// startswith and endswith take one string or a tuple of them.
template <bool (*matches)(std::string_view, std::string_view)>
Value affix_method(const Value& self, const Arguments& arguments) {
  arguments.allow(1);
  const Value& affix = arguments.require(0, "prefix");
  const Value::Items choices = affix.is_sequence() ? affix.as_sequence().items : Value::Items{affix};
  return std::any_of(choices.begin(), choices.end(), [&](const Value& choice) {
    if (!choice.is_string()) throw ValueError("must be a string or a tuple of strings, not " + choice.kind());
    return matches(self.as_string(), choice.as_string());
  });
}

bool starts(std::string_view text, std::string_view affix) { return text.starts_with(affix); }
bool ends(std::string_view text, std::string_view affix) { return text.ends_with(affix); }

/// str.split() without a separator: words between blanks.
Value split_words(std::string_view text, std::int64_t limit) {
  Value::Items words;
  for (text = strip(text, Ends::left); !text.empty(); text = strip(text, Ends::left)) {
    if (limit >= 0 && static_cast<std::int64_t>(words.size()) >= limit) {
      words.emplace_back(std::string(strip(text, Ends::right)));
      break;
    }
    std::size_t end = 0;
    while (end < text.size() && strip(text.substr(end), Ends::left).size() == text.size() - end) ++end;
    words.emplace_back(std::string(text.substr(0, end)));
    text.remove_prefix(end);
  }
  return Value::list(std::move(words));
}

Value split_method(const Value& self, const Arguments& arguments) {
  arguments.allow(2, {"sep", "maxsplit"});
  const Value* given = arguments.find(0, "sep");
  const std::int64_t limit = integer_argument(arguments, 1, "maxsplit", -1);
  std::string_view text = self.as_string();
  if (!given || given->is_none()) return split_words(text, limit);
  const std::string& separator = string_argument(arguments, 0, "sep");
  if (separator.empty()) throw ValueError("the separator is empty");
  Value::Items parts;
  while (limit < 0 || static_cast<std::int64_t>(parts.size()) < limit) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    parts.emplace_back(std::string(text.substr(0, at)));
    text.remove_prefix(at + separator.size());
  }
  parts.emplace_back(std::string(text));
  return Value::list(std::move(parts));
}

Value rsplit_method(const Value& self, const Arguments& arguments) {
  arguments.allow(2, {"sep", "maxsplit"});
  const std::string& separator = string_argument(arguments, 0, "sep");
  const std::int64_t limit = integer_argument(arguments, 1, "maxsplit", -1);
  if (separator.empty()) throw ValueError("the separator is empty");
  std::string_view text = self.as_string();
  Value::Items parts;
  while (limit < 0 || static_cast<std::int64_t>(parts.size()) < limit) {
    const std::size_t at = text.rfind(separator);
    if (at == std::string_view::npos) break;
    parts.emplace_back(std::string(text.substr(at + separator.size())));
    text = text.substr(0, at);
  }
  parts.emplace_back(std::string(text));
  std::reverse(parts.begin(), parts.end());
  return Value::list(std::move(parts));
}

Value splitlines_method(const Value& self, const Arguments& arguments) {
  arguments.allow(0);
  Value::Items lines;
  std::string_view text = self.as_string();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\n\r"), text.size());
    lines.emplace_back(std::string(text.substr(0, end)));
    text.remove_prefix(end);
    text.remove_prefix(text.starts_with("\r\n") ? 2 : text.empty() ? 0 : 1);
  }
  return Value::list(std::move(lines));
}

Value replace_method(const Value& self, const Arguments& arguments) {
  arguments.allow(3, {"count"});
  return replace_text(self.as_string(), string_argument(arguments, 0, "old"), string_argument(arguments, 1, "new"),
                      integer_argument(arguments, 2, "count", -1));
}

Value join_method(const Value& self, const Arguments& arguments) {
  arguments.allow(1);
  const Value::Items items = iterate(arguments.require(0, "iterable"));
  for (const Value& item : items) {
    if (!item.is_string()) throw ValueError("can join strings only, not " + item.kind());
  }
  return join_text(items, self.as_string());
}

Value find_method(const Value& self, const Arguments& arguments) {
  arguments.allow(1);
  const std::size_t at = self.as_string().find(string_argument(arguments, 0, "sub"));
  if (at == std::string::npos) return std::int64_t{-1};
  return static_cast<std::int64_t>(character_count(std::string_view(self.as_string()).substr(0, at)));
}

Value count_method(const Value& self, const Arguments& arguments) {
  arguments.allow(1);
  const std::string& wanted = string_argument(arguments, 0, "sub");
  if (wanted.empty()) return static_cast<std::int64_t>(character_count(self.as_string()) + 1);
  std::int64_t count = 0;
  for (std::size_t at = 0; (at = self.as_string().find(wanted, at)) != std::string::npos; at += wanted.size()) ++count;
  return count;
}

template <bool upper>
Value case_method(const Value& self, const Arguments& arguments) {
  arguments.allow(0);
  return has_case(self.as_string(), upper);
}

struct NamedMethod {
  std::string_view name;
  StringMethod method;
};

constexpr std::array<NamedMethod, 18> methods = {{{"strip", strip_method<Ends::both>},
                                                  {"lstrip", strip_method<Ends::left>},
                                                  {"rstrip", strip_method<Ends::right>},
                                                  {"upper", convert_method<to_upper>},
                                                  {"lower", convert_method<to_lower>},
                                                  {"title", convert_method<title>},
                                                  {"capitalize", convert_method<capitalize>},
                                                  {"startswith", affix_method<starts>},
                                                  {"endswith", affix_method<ends>},
                                                  {"split", split_method},
                                                  {"rsplit", rsplit_method},
                                                  {"splitlines", splitlines_method},
                                                  {"replace", replace_method},
                                                  {"join", join_method},
                                                  {"find", find_method},
                                                  {"count", count_method},
                                                  {"isupper", case_method<true>},
                                                  {"islower", case_method<false>}}};

}  // namespace

StringMethod find_string_method(std::string_view name) {
  const auto found =
      std::find_if(methods.begin(), methods.end(), [&](const auto& entry) { return entry.name == name; });
  return found == methods.end() ? nullptr : found->method;
}

std::string replace_text(const std::string& text, const std::string& old, const std::string& fresh,
                         std::int64_t count) {
  if (old.empty()) throw ValueError("the text to replace is empty");
  Text out;
  std::string_view rest = text;
  for (std::size_t at = 0; count != 0 && (at = rest.find(old)) != std::string_view::npos; --count) {
    out += rest.substr(0, at);
    out += fresh;
    rest.remove_prefix(at + old.size());
  }
  out += rest;
  return out.take();
}

std::string join_text(const Value::Items& items, const std::string& separator) {
  Text out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += separator;
    out += to_text(items[i]);
  }
  return out.take();
}

}  // namespace stac::text::jinja
