#include "text/jinja/filters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
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
  if (!characters->is_string()) throw ValueError("strip arg must be None or str");
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
    if (end > at) out += capitalize(text.substr(at, end - at), to_upper);
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
  if (counted && !count->is_integer())
    throw ValueError("'" + count->type_name() + "' object cannot be interpreted as an integer");
  return replace_text(to_text(input), to_text(arguments.require(0, "old")), to_text(arguments.require(1, "new")),
                      counted ? count->as_integer() : -1);
}

std::string blanks(const Value& count) {
  const bool fits = count.is_integer() && count.as_integer() >= 0 && count.as_integer() <= 100;
  if (!fits) throw ValueError("the indent must be a string or a whole number from 0 to 100");
  return std::string(static_cast<std::size_t>(count.as_integer()), ' ');
}

Value tojson_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(4, {"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonStyle style;
  const Value* ascii = arguments.find(0, "ensure_ascii");
  style.ascii_only = ascii && ascii->truthy();
  const Value* indent = arguments.find(1, "indent");
  if (indent && !indent->is_none()) {
    style.indent = indent->is_string() ? indent->as_string() : blanks(*indent);
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

/// 1_000 is 1000: single underscores between digits do not count.
std::string without_separators(std::string_view text) {
  const auto is_digit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool separates = text[i] == '_' && i > 0 && is_digit(i - 1) && is_digit(i + 1);
    if (!separates) out.push_back(text[i]);
  }
  return out;
}

Value int_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(1, {"default"});
  const Value* given = arguments.find(0, "default");
  const Value otherwise = given ? *given : Value(std::int64_t{0});
  require_defined(input);
  if (input.is_integer()) return input.as_integer();
  if (input.is_float())
    return std::abs(input.as_float()) < 9e18 ? Value(static_cast<std::int64_t>(input.as_float())) : otherwise;
  if (!input.is_string()) return otherwise;
  const std::string digits = without_separators(strip(input.as_string(), Ends::both));
  std::string_view text = digits;
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
  require_defined(input);
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
  require_defined(input);
  if (!input.is_integer()) throw ValueError("bad operand type for abs(): '" + input.type_name() + "'");
  if (input.as_integer() == INT64_MIN) throw ValueError("a whole number does not fit in 64 bits");
  return std::abs(input.as_integer());
}

/// Halves go to the even neighbour, as Python's round has it.
double rounded_half_even(double number, std::int64_t digits) {
  std::array<char, 512> text{};
  const int places = static_cast<int>(std::clamp<std::int64_t>(digits, 0, 60));
  if (digits >= 0) {
    std::snprintf(text.data(), text.size(), "%.*f", places, number);  // exact, as Python's own correctly rounded digits
    return std::strtod(text.data(), nullptr);
  }
  const double unit = std::pow(10.0, static_cast<double>(-digits));
  return std::nearbyint(number / unit) * unit;
}

Value round_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(2, {"precision", "method"});
  const Value* precision = arguments.find(0, "precision");
  const Value* method = arguments.find(1, "method");
  const std::string how = method ? to_text(*method) : "common";
  if (how != "common" && how != "ceil" && how != "floor") throw ValueError("method must be common, ceil or floor");
  if (!input.is_number()) throw ValueError("type " + input.type_name() + " doesn't define __round__ method");
  if (precision && !precision->is_integer()) {
    throw ValueError("'" + precision->type_name() + "' object cannot be interpreted as an integer");
  }
  const std::int64_t digits = precision ? precision->as_integer() : 0;
  if (how == "common") {
    const double rounded = rounded_half_even(input.as_float(), digits);
    return input.is_integer() ? Value(static_cast<std::int64_t>(rounded)) : Value(rounded);
  }
  const double unit = std::pow(10.0, static_cast<double>(digits));
  const double scaled = input.as_float() * unit;
  return (how == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / unit;
}

/// For HTML. What Jinja marks as escaped already is not told apart here: a value is escaped as often as it is asked.
Value escape_filter(const Value& input, const Arguments& arguments) {
  arguments.allow(0);
  Text out;
  for (const char c : to_text(input)) {
    const std::string_view entity = c == '&'    ? "&amp;"
                                    : c == '<'  ? "&lt;"
                                    : c == '>'  ? "&gt;"
                                    : c == '"'  ? "&#34;"
                                    : c == '\'' ? "&#39;"
                                                : std::string_view();
    out += entity.empty() ? std::string_view(&c, 1) : entity;
  }
  return out.take();
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
  require_defined(input);
  if (!input.is_string()) {
    throw ValueError("unsupported operand type(s) for +=: '" + input.type_name() + "' and 'str'");
  }
  const std::string& text = input.as_string();
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
                                                                          {"round", round_filter},
                                                                          {"escape", escape_filter},
                                                                          {"e", escape_filter},
                                                                          {"safe", same_filter}};
  return filters;
}

}  // namespace

Value apply_filter(const std::string& name, const Value& input, const Arguments& arguments) {
  const auto found = scalar_filters().find(name);
  if (found != scalar_filters().end()) return found->second(input, arguments);
  const SequenceFilter filter = find_sequence_filter(name);
  if (!filter) throw ValueError("No filter named '" + name + "'.");
  return filter(input, arguments);
}

bool is_filter(const std::string& name) {
  return scalar_filters().contains(name) || find_sequence_filter(name) != nullptr;
}

}  // namespace stac::text::jinja
