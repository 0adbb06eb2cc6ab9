#include "text/jinja/filters.hpp"

#include <charconv>
#include <cmath>
#include <unordered_map>

#include "text/jinja/error.hpp"
#include "text/jinja/printing.hpp"
#include "text/jinja/sequence_filters.hpp"
#include "text/jinja/string_methods.hpp"
#include "text/jinja/unicode.hpp"

namespace stac::text::jinja {
namespace {

Value trim_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(1, {"chars"});
  const Value* characters = arguments.find(0, "chars");
  if (!characters || characters->is_none()) return std::string(strip(to_text(input), Ends::both));
  if (!characters->is_string()) throw ValueError("the characters to trim must be a string, not " + characters->kind());
  return std::string(strip(to_text(input), Ends::both, &characters->as_string()));
}

template <std::string (*convert)(std::string_view)>
Value convert_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  return convert(to_text(input));
}

/// Jinja's title filter differs from str.title: words begin after blanks and brackets only.
std::string title_words(std::string_view text) {
  static constexpr std::string_view starters = "-([{< \t\n\r\f\v";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(starters, at), text.size());
    if (end > at) out += capitalize(text.substr(at, end - at));
    if (end < text.size()) out.push_back(text[end]);
    at = end + 1;
  }
  return out;
}

Value default_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(2, {"default_value", "boolean"});
  const Value* otherwise = arguments.find(0, "default_value");
  const Value* any_false = arguments.find(1, "boolean");
  const bool replaced = input.is_undefined() || (any_false && any_false->truthy() && !input.truthy());
  if (!replaced) return input;
  return otherwise ? *otherwise : Value("");
}

Value replace_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(3, {"old", "new", "count"});
  const Value* count = arguments.find(2, "count");
  const bool counted = count && !count->is_none();
  if (counted && !count->is_integer()) throw ValueError("the count must be a whole number, not " + count->kind());
  return replace_text(to_text(input), to_text(arguments.require(0, "old")), to_text(arguments.require(1, "new")),
                      counted ? count->as_integer() : -1);
}

Value tojson_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(4, {"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonStyle style;
  const Value* ascii = arguments.find(0, "ensure_ascii");
  style.ascii_only = ascii && ascii->truthy();
  const Value* indent = arguments.find(1, "indent");
  if (indent && !indent->is_none()) {
    const bool fits = indent->is_integer() && indent->as_integer() >= 0 && indent->as_integer() <= 100;
    if (!fits) throw ValueError("the indent must be a whole number from 0 to 100");
    style.indent = static_cast<int>(indent->as_integer());
  }
  const Value* separators = arguments.find(2, "separators");
  if (separators && !separators->is_none()) {
    const Value::Items pair = iterate(*separators);
    if (pair.size() != 2) throw ValueError("the separators must be two strings");
    style.item_separator = to_text(pair[0]);
    style.key_separator = to_text(pair[1]);
  }
  const Value* sorted = arguments.find(3, "sort_keys");
  style.sorted_keys = sorted && sorted->truthy();
  return to_json(input, style);
}

Value string_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  return to_text(input);
}

Value int_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(1, {"default"});
  const Value* given = arguments.find(0, "default");
  const Value otherwise = given ? *given : Value(std::int64_t{0});
  if (input.is_integer()) return input.as_integer();
  if (input.is_float())
    return std::abs(input.as_float()) < 9e18 ? Value(static_cast<std::int64_t>(input.as_float())) : otherwise;
  if (!input.is_string()) return otherwise;
  std::string_view text = strip(input.as_string(), Ends::both);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  std::int64_t whole = 0;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, whole).ptr == end && !text.empty()) return whole;
  const bool real = std::from_chars(text.data(), end, number).ptr == end && !text.empty() && std::abs(number) < 9e18;
  return real ? Value(static_cast<std::int64_t>(number)) : otherwise;
}

Value float_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(1, {"default"});
  const Value* given = arguments.find(0, "default");
  if (input.is_number()) return input.as_float();
  const std::string text = input.is_string() ? std::string(strip(input.as_string(), Ends::both)) : std::string();
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (whole) return number;
  return given ? *given : Value(0.0);
}

Value abs_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  if (input.is_float()) return std::abs(input.as_float());
  if (!input.is_integer()) throw ValueError(input.kind() + " has no absolute value");
  if (input.as_integer() == INT64_MIN) throw ValueError("a whole number does not fit in 64 bits");
  return std::abs(input.as_integer());
}

/// Indents the lines of a text by a width, the first and blank ones only if asked.
Value indent_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(3, {"width", "first", "blank"});
  const Value* width = arguments.find(0, "width");
  const Value* first = arguments.find(1, "first");
  const Value* blank = arguments.find(2, "blank");
  std::string margin(4, ' ');
  if (width && width->is_string()) margin = width->as_string();
  if (width && width->is_integer()) {
    if (width->as_integer() > 1000) throw ValueError("the indent is too wide");
    margin = std::string(static_cast<std::size_t>(std::max<std::int64_t>(width->as_integer(), 0)), ' ');
  }
  const std::string text = to_text(input);
  Text out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const bool indents = at == 0 ? (first && first->truthy()) : (end > at || (blank && blank->truthy()));
    if (indents) out += margin;
    out += std::string_view(text).substr(at, end - at);
    if (end < text.size()) out += "\n";
    at = end + 1;
  }
  return out.take();
}

Value same_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  return input;
}

using FilterFunction = Value (*)(const Value&, const Arguments&);

const std::unordered_map<std::string, FilterFunction>& scalar_filters() {
  static const std::unordered_map<std::string, FilterFunction> filters = {{"trim", trim_filter},
                                                                          {"upper", convert_filter<to_upper>},
                                                                          {"lower", convert_filter<to_lower>},
                                                                          {"capitalize", convert_filter<capitalize>},
                                                                          {"title", convert_filter<title_words>},
                                                                          {"default", default_filter},
                                                                          {"d", default_filter},
                                                                          {"replace", replace_filter},
                                                                          {"tojson", tojson_filter},
                                                                          {"string", string_filter},
                                                                          {"int", int_filter},
                                                                          {"float", float_filter},
                                                                          {"abs", abs_filter},
                                                                          {"indent", indent_filter},
                                                                          {"safe", same_filter}};
  return filters;
}

}  // namespace

Value apply_filter(const std::string& name, const Value& input, const Arguments& arguments) {
  const auto found = scalar_filters().find(name);
  if (found != scalar_filters().end()) return found->second(input, arguments);
  const SequenceFilter filter = find_sequence_filter(name);
  if (!filter) throw ValueError("the filter '" + name + "' is not known");
  return filter(input, arguments);
}

}  // namespace stac::text::jinja
