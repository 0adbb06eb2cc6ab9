#include "text/jinja/printing.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "text/jinja/error.hpp"
#include "text/utf8.hpp"

namespace stac::text::jinja {
namespace {

constexpr std::size_t longest_text = std::size_t{16} << 20;

/// Python's repr of a float: the shortest digits that read back, with an exponent outside 1e-4 to 1e16.
std::string float_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  std::array<char, 64> buffer{};
  const double size = std::abs(number);
  const bool exponent = size != 0 && (size < 1e-4 || size >= 1e16);
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                 exponent ? std::chars_format::scientific : std::chars_format::fixed);
  std::string text(buffer.data(), end.ptr);
  return exponent || text.find('.') != std::string::npos ? text : text + ".0";
}

std::string escaped(char32_t code_point) {
  std::array<char, 12> buffer{};
  const auto unit = static_cast<unsigned>(code_point);
  if (unit < 0x10000) {
    std::snprintf(buffer.data(), buffer.size(), "\\u%04x", unit);
    return buffer.data();
  }
  const unsigned high = 0xD800 + ((unit - 0x10000) >> 10);
  return escaped(high) + escaped(0xDC00 + ((unit - 0x10000) & 0x3FF));
}

void write_repr(Text& out, const Value& value);

/// Python's str.isprintable for one character.
bool is_printable(char32_t c) {
  if (c == ' ') return true;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
      return false;
    default:
      return true;
  }
}

std::string hexadecimal(char32_t c) {
  std::array<char, 12> buffer{};
  const char* format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
  std::snprintf(buffer.data(), buffer.size(), format, static_cast<unsigned>(c));
  return buffer.data();
}

void write_quoted(Text& out, std::string_view text) {
  static constexpr std::string_view named = "\n\r\t\\";
  static constexpr std::string_view letters = "nrt\\";
  const bool has_single = text.find('\'') != std::string_view::npos;
  const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
  out += {&quote, 1};
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text.substr(at));
    const char32_t c = step.code_point;
    const std::size_t which = c < 0x80 ? named.find(static_cast<char>(c)) : std::string_view::npos;
    if (which != std::string_view::npos) {
      out += "\\";
      out += letters.substr(which, 1);
    } else if (!is_printable(c)) {
      out += hexadecimal(c);
    } else {
      if (c == static_cast<char32_t>(quote)) out += "\\";
      out += text.substr(at, step.length);
    }
    at += step.length;
  }
  out += {&quote, 1};
}

void write_sequence(Text& out, const Sequence& sequence) {
  if (sequence.kind == SequenceKind::generator) {
    throw ValueError("a generator has no text of its own: '| list' makes a list of it");
  }
  if (sequence.kind == SequenceKind::range) {
    if (sequence.name.empty()) throw ValueError("the text of a range's slice is not supported");
    out += sequence.name;
    return;
  }
  const bool is_tuple = sequence.kind == SequenceKind::tuple;
  const bool is_view = sequence.kind == SequenceKind::view;
  if (is_view) out += sequence.name + "(";
  out += is_tuple ? "(" : "[";
  for (std::size_t i = 0; i < sequence.items.size(); ++i) {
    if (i > 0) out += ", ";
    write_repr(out, sequence.items[i]);
  }
  if (is_tuple && sequence.items.size() == 1) out += ",";
  out += is_tuple ? ")" : "]";
  if (is_view) out += ")";
}

void write_mapping(Text& out, const Mapping& mapping) {
  out += "{";
  for (std::size_t i = 0; i < mapping.pairs.size(); ++i) {
    if (i > 0) out += ", ";
    write_repr(out, mapping.pairs[i].first);
    out += ": ";
    write_repr(out, mapping.pairs[i].second);
  }
  out += "}";
}

void write_repr(Text& out, const Value& value) {
  if (value.is_undefined()) {
    out += "Undefined";
  } else if (value.is_string()) {
    write_quoted(out, value.as_string());
  } else if (value.is_sequence()) {
    write_sequence(out, value.as_sequence());
  } else if (value.is_mapping()) {
    write_mapping(out, value.as_mapping());
  } else {
    out += to_text(value);
  }
}

class JsonWriter {
 public:
  JsonWriter(Text& out, const JsonStyle& style) : out_(out), style_(style) {
    separator_ = style.item_separator.value_or(style.indent ? "," : ", ");
  }

  void write(const Value& value) {
    if (value.is_string()) return write_string(value.as_string());
    if (value.is_none()) return write_raw("null");
    if (value.is_bool()) return write_raw(value.truthy() ? "true" : "false");
    if (value.is_integer()) return write_raw(std::to_string(value.as_integer()));
    if (value.is_float()) return write_float(value.as_float());
    const bool is_list = value.is_indexed() && value.as_sequence().kind != SequenceKind::range;
    if (is_list) return write_list(value.as_sequence().items);
    if (value.is_mapping()) return write_dict(value.as_mapping());
    throw ValueError("Object of type " + value.type_name() + " is not JSON serializable");
  }

 private:
  void write_raw(std::string_view text) { out_ += text; }

  void write_float(double number) {
    if (std::isnan(number)) return write_raw("NaN");
    if (std::isinf(number)) return write_raw(number > 0 ? "Infinity" : "-Infinity");
    write_raw(float_text(number));
  }

  void write_string(std::string_view text) {
    out_ += "\"";
    for (std::size_t at = 0; at < text.size();) {
      const Utf8Step step = read_utf8(text.substr(at));
      write_character(step.code_point, text.substr(at, step.length));
      at += step.length;
    }
    out_ += "\"";
  }

  void write_character(char32_t c, std::string_view bytes) {
    static constexpr std::string_view named = "\"\\\n\r\t\b\f";
    static constexpr std::string_view letters = "\"\\nrtbf";
    const std::size_t which = c < 0x80 ? named.find(static_cast<char>(c)) : std::string_view::npos;
    if (which != std::string_view::npos) {
      out_ += "\\";
      out_ += letters.substr(which, 1);
    } else if (c < 0x20 || (style_.ascii_only && c > 0x7E)) {
      out_ += escaped(c);
    } else {
      out_ += bytes;
    }
  }

  void new_line() {
    if (!style_.indent) return;
    out_ += "\n";
    for (int i = 0; i < level_; ++i) out_ += *style_.indent;
  }

  template <typename Container, typename WriteItem>
  void write_container(std::string_view brackets, const Container& items, WriteItem write_item) {
    out_ += brackets.substr(0, 1);
    ++level_;
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += separator_;
      first = false;
      new_line();
      write_item(item);
    }
    --level_;
    if (!first) new_line();
    out_ += brackets.substr(1);
  }

  void write_list(const Value::Items& items) {
    write_container("[]", items, [&](const Value& item) { write(item); });
  }

  void write_dict(const Mapping& mapping) {
    Value::Pairs pairs = mapping.pairs;
    if (style_.sorted_keys) {
      std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return less(a.first, b.first); });
    }
    write_container("{}", pairs, [&](const auto& pair) {
      write_key(pair.first);
      out_ += style_.key_separator;
      write(pair.second);
    });
  }

  void write_key(const Value& key) {
    if (key.is_string()) return write(key);
    if (key.is_sequence()) throw ValueError("keys must be str, int, float, bool or None, not " + key.type_name());
    out_ += "\"";
    write(key);
    out_ += "\"";
  }

  Text& out_;
  const JsonStyle& style_;
  std::string separator_;
  int level_ = 0;
};

}  // namespace

Text& Text::operator+=(std::string_view part) {
  if (text_.size() + part.size() > longest_text) {
    throw ValueError("the text gets longer than " + std::to_string(longest_text >> 20) + " MiB");
  }
  text_.append(part);
  return *this;
}

std::string to_text(const Value& value) {
  if (value.is_undefined()) return {};
  if (value.is_none()) return "None";
  if (value.is_bool()) return value.truthy() ? "True" : "False";
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_float()) return float_text(value.as_float());
  if (value.is_string()) return value.as_string();
  if (value.is_namespace()) throw ValueError("the text of a namespace is not supported");
  if (value.is_callable()) return "<function " + value.as_callable().name + ">";
  return repr(value);
}

std::string repr(const Value& value) {
  Text out;
  write_repr(out, value);
  return out.take();
}

std::string to_json(const Value& value, const JsonStyle& style) {
  Text out;
  JsonWriter(out, style).write(value);
  return out.take();
}

}  // namespace stac::text::jinja
