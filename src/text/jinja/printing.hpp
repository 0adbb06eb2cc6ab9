// Values as text: str(), repr() and JSON, as Python writes them.
#pragma once
#include <optional>
#include <string>

#include "text/jinja/value.hpp"

namespace stac::text::jinja {

/// Text under construction. It refuses to grow past what a conversation can need, so that a template that doubles a
/// string in a loop ends in an error.
class Text {
 public:
  /// @throws ValueError  the text gets too long
  Text& operator+=(std::string_view part);
  [[nodiscard]] std::string take() { return std::move(text_); }
  [[nodiscard]] std::size_t size() const { return text_.size(); }

 private:
  std::string text_;
};

/// str(); empty for an undefined value. @throws ValueError  a generator or namespace
[[nodiscard]] std::string to_text(const Value& value);
[[nodiscard]] std::string repr(const Value& value);

struct JsonStyle {
  std::optional<std::string> indent;  ///< margin per level; none: one line
  bool ascii_only = false;            ///< others as \uXXXX
  bool sorted_keys = false;
  std::optional<std::string> item_separator;  ///< none: Python's default for the indent
  std::string key_separator = ": ";
};

/// json.dumps. @throws ValueError  a value that JSON does not have
[[nodiscard]] std::string to_json(const Value& value, const JsonStyle& style);

}  // namespace stac::text::jinja
