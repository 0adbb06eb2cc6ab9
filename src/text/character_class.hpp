// Unicode classes at the edges of a text.
#pragma once
#include <cstddef>
#include <string_view>

namespace stac::text {

/// Unicode's White_Space.
[[nodiscard]] bool is_blank(char32_t code_point);

/// Members of a PCRE2 set: letters, marks, decimal digits, connector punctuation and joiners (Unicode TS 18, "word" of
/// annex C).
inline constexpr std::string_view word_members = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control})";

/// One of them.
[[nodiscard]] bool is_word(char32_t code_point);

/// Decimal digits, letters that are numbers, and other numbers (categories Nd, Nl, No).
[[nodiscard]] bool is_numeric(char32_t code_point);

/// The texts are valid UTF-8.
[[nodiscard]] bool begins_with_word(std::string_view text);
[[nodiscard]] bool ends_with_word(std::string_view text);

/// Bytes of the blanks at an edge.
[[nodiscard]] std::size_t blanks_at_begin(std::string_view text);
[[nodiscard]] std::size_t blanks_at_end(std::string_view text);

}  // namespace stac::text
