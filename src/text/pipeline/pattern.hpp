// What splits and replacements look for in a text.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "text/regex.hpp"

namespace stac::text {

class Pattern {
 public:
  virtual ~Pattern() = default;

  /// Every match from left to right, none overlapping; a regular expression's may be empty.
  /// @param text  valid UTF-8
  [[nodiscard]] virtual std::vector<Span> matches(std::string_view text) const = 0;
};

class LiteralPattern : public Pattern {
 public:
  /// @param literal  not empty
  explicit LiteralPattern(std::string literal) : literal_(std::move(literal)) {}
  [[nodiscard]] std::vector<Span> matches(std::string_view text) const override;

 private:
  std::string literal_;
};

class RegexPattern : public Pattern {
 public:
  explicit RegexPattern(Regex regex) : regex_(std::move(regex)) {}
  [[nodiscard]] std::vector<Span> matches(std::string_view text) const override { return regex_.matches(text); }

 private:
  Regex regex_;
};

/// Each character of a class by itself.
class CharacterPattern : public Pattern {
 public:
  using Class = bool (*)(char32_t);
  explicit CharacterPattern(Class contains) : contains_(contains) {}
  [[nodiscard]] std::vector<Span> matches(std::string_view text) const override;

 private:
  Class contains_;
};

/// The text with every match replaced.
[[nodiscard]] std::string replace_matches(std::string_view text, const Pattern& pattern, std::string_view content);

}  // namespace stac::text
