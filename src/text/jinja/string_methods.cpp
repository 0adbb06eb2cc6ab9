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
    throw ValueError("the argument '" + std::string(name) + "' must be str, not " + value.type_name());
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
    if (!choice.is_string()) throw ValueError("must be str or a tuple of str, not " + choice.type_name());
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
  if (separator.empty()) throw ValueError("empty separator");
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

/// str.rsplit() without a separator: the last words, then what stands before them.
Value rsplit_words(const std::string& text, std::int64_t limit) {
  Value::Items words = iterate(split_words(text, -1));
  if (limit < 0 || static_cast<std::int64_t>(words.size()) <= limit) return Value::list(std::move(words));
  std::string_view rest = strip(text, Ends::both);
  for (std::int64_t i = 0; i < limit; ++i) {
    rest.remove_suffix(words[words.size() - 1 - static_cast<std::size_t>(i)].as_string().size());
    rest = strip(rest, Ends::right);
  }
  Value::Items parts;
  if (!rest.empty()) parts.emplace_back(std::string(rest));
  parts.insert(parts.end(), words.end() - static_cast<std::ptrdiff_t>(limit), words.end());
  return Value::list(std::move(parts));
}

Value rsplit_method(const Value& self, const Arguments& arguments) {
  arguments.allow(2, {"sep", "maxsplit"});
  const Value* given = arguments.find(0, "sep");
  const std::int64_t limit = integer_argument(arguments, 1, "maxsplit", -1);
  if (!given || given->is_none()) return rsplit_words(self.as_string(), limit);
  const std::string& separator = string_argument(arguments, 0, "sep");
  if (separator.empty()) throw ValueError("empty separator");
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
  arguments.allow(1, {"keepends"});
  const Value* keeps = arguments.find(0, "keepends");
  Value::Items lines;
  std::string_view text = self.as_string();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\n\r"), text.size());
    const std::size_t line_end = text.substr(end).starts_with("\r\n") ? end + 2 : std::min(end + 1, text.size());
    lines.emplace_back(std::string(text.substr(0, keeps && keeps->truthy() ? line_end : end)));
    text.remove_prefix(line_end);
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
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].is_string()) continue;
    throw ValueError("sequence item " + std::to_string(i) + ": expected str instance, " + items[i].type_name() +
                     " found");
  }
  return join_text(items, self.as_string());
}

Value count_method(const Value& self, const Arguments& arguments) {
  arguments.allow(1);
  const std::string& wanted = string_argument(arguments, 0, "sub");
  if (wanted.empty()) return static_cast<std::int64_t>(character_count(self.as_string()) + 1);
  std::int64_t count = 0;
  for (std::size_t at = 0; (at = self.as_string().find(wanted, at)) != std::string::npos; at += wanted.size()) ++count;
  return count;
}

/// str.find and its kin: where the sought text stands, in characters; -1 where it does not.
template <bool from_right, bool must_be_there>
Value place_method(const Value& self, const Arguments& arguments) {
  arguments.allow(1);
  const std::string& text = self.as_string();
  const std::string& sought = string_argument(arguments, 0, "sub");
  const std::size_t at = from_right ? text.rfind(sought) : text.find(sought);
  if (at == std::string::npos && must_be_there) throw ValueError("substring not found");
  if (at == std::string::npos) return std::int64_t{-1};
  return static_cast<std::int64_t>(character_count(std::string_view(text).substr(0, at)));
}

/// str.partition: what stands before a separator, it, and what stands behind.
template <bool from_right>
Value partition_method(const Value& self, const Arguments& arguments) {
  arguments.allow(1);
  const std::string& text = self.as_string();
  const std::string& separator = string_argument(arguments, 0, "sep");
  if (separator.empty()) throw ValueError("empty separator");
  const std::size_t at = from_right ? text.rfind(separator) : text.find(separator);
  if (at == std::string::npos) return from_right ? Value::tuple({"", "", self}) : Value::tuple({self, "", ""});
  return Value::tuple({text.substr(0, at), separator, text.substr(at + separator.size())});
}

template <Ends end>
Value remove_method(const Value& self, const Arguments& arguments) {
  arguments.allow(1);
  const std::string& text = self.as_string();
  const std::string& affix = string_argument(arguments, 0, end == Ends::left ? "prefix" : "suffix");
  if (end == Ends::left) return text.starts_with(affix) ? Value(text.substr(affix.size())) : self;
  return text.ends_with(affix) ? Value(text.substr(0, text.size() - affix.size())) : self;
}

template <bool (*holds)(std::string_view)>
Value class_method(const Value& self, const Arguments& arguments) {
  arguments.allow(0);
  return holds(self.as_string());
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

constexpr std::array<NamedMethod, 28> methods = {{{"strip", strip_method<Ends::both>},
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
                                                  {"find", place_method<false, false>},
                                                  {"rfind", place_method<true, false>},
                                                  {"index", place_method<false, true>},
                                                  {"rindex", place_method<true, true>},
                                                  {"partition", partition_method<false>},
                                                  {"rpartition", partition_method<true>},
                                                  {"removeprefix", remove_method<Ends::left>},
                                                  {"removesuffix", remove_method<Ends::right>},
                                                  {"isspace", class_method<is_all_space>},
                                                  {"isalpha", class_method<is_all_letters>},
                                                  {"isdigit", class_method<is_all_digits>},
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
  Text out;
  std::string_view rest = text;
  if (old.empty()) {  // stands before, between and behind all characters
    for (const std::string& character : characters_of(text)) {
      if (count-- != 0)
        out += fresh;
      else
        ++count;
      out += character;
    }
    if (count != 0) out += fresh;
    return out.take();
  }
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
