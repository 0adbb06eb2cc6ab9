// Patterns of tokenizer.json, whose library matches them by Oniguruma, for PCRE2.
#pragma once
#include <string>
#include <string_view>

#include "text/regex.hpp"

namespace stac::text {

/// The same pattern as PCRE2 spells it. Only what means the same in both is let through: literals, sets, groups,
/// options of a group, look-around, greedy and lazy repeats, categories and scripts of Unicode, \s \d and their
/// complements. Source: doc/RE of Oniguruma 6.9 against pcre2pattern(3).
/// @param pattern  valid UTF-8
/// @throws stac::Error  the construct, and where it stands
[[nodiscard]] std::string to_pcre2(std::string_view pattern);

/// @throws stac::Error  as to_pcre2 and Regex
[[nodiscard]] inline Regex oniguruma_regex(std::string_view pattern) { return Regex(to_pcre2(pattern)); }

}  // namespace stac::text
