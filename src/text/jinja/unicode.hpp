// Python's string operations that look at characters, over valid UTF-8.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace stac::text::jinja {

[[nodiscard]] std::vector<std::string> characters_of(std::string_view text);
[[nodiscard]] std::size_t character_count(std::string_view text);

[[nodiscard]] std::string to_upper(std::string_view text);
[[nodiscard]] std::string to_lower(std::string_view text);
/// The first letter in title case (or as `first` has it), the others lower.
[[nodiscard]] std::string capitalize(std::string_view text);
[[nodiscard]] std::string capitalize(std::string_view text, std::string (*first)(std::string_view));
[[nodiscard]] std::string title(std::string_view text);          ///< str.title: every word capitalized
[[nodiscard]] bool has_case(std::string_view text, bool upper);  ///< str.isupper, str.islower

/// str.isspace, str.isalpha, str.isdigit: not empty, and every character is one.
[[nodiscard]] bool is_all_space(std::string_view text);
[[nodiscard]] bool is_all_letters(std::string_view text);
[[nodiscard]] bool is_all_digits(std::string_view text);

/// Python's str.isspace for one character: White_Space, and the separators U+001C to U+001F.
[[nodiscard]] bool is_python_space(char32_t code_point);

enum class Ends { both, left, right };
/// str.strip and its kin; with no `characters`, blanks.
[[nodiscard]] std::string_view strip(std::string_view text, Ends ends, const std::string* characters = nullptr);

}  // namespace stac::text::jinja
