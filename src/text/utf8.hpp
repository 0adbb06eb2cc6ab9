// UTF-8 that may be malformed: what a model or a terminal produces.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace stac::text {

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";  // U+FFFD

enum class Utf8Kind { character, invalid, incomplete };

/// What stands at the start of some bytes. `length` counts the character's bytes or, where it is not one, the maximal
/// subpart that one U+FFFD replaces (Unicode standard, section 3.9, "U+FFFD Substitution of Maximal Subparts").
struct Utf8Step {
  Utf8Kind kind;
  std::size_t length;
  char32_t code_point;
};

/// @param bytes  not empty
[[nodiscard]] Utf8Step read_utf8(std::string_view bytes);

[[nodiscard]] std::string replace_invalid_utf8(std::string_view bytes);
void append_utf8(std::string& text, char32_t code_point);

/// Bytes that arrive in pieces: gives out whole characters, keeps the beginning of one until its rest has come.
class Utf8Assembler {
 public:
  [[nodiscard]] std::string push(std::string_view bytes);
  [[nodiscard]] std::string finish();

 private:
  std::string pending_;
};

}  // namespace stac::text
