// Errors of one candidate on every text that judges, and when one candidate takes another's place.
#pragma once
#include <algorithm>
#include <functional>
#include <vector>

namespace stac::convert {

/// One error per judging text, always in the same order of texts.
using JudgedErrors = std::vector<double>;

[[nodiscard]] inline double largest(const JudgedErrors& errors) { return *std::ranges::max_element(errors); }

/// Larger than `before` on some text.
[[nodiscard]] inline bool does_harm(const JudgedErrors& now, const JudgedErrors& before) {
  return std::ranges::mismatch(now, before, std::less_equal<>()).in1 != now.end();
}

/// Larger on no text, smaller on one.
[[nodiscard]] inline bool improves(const JudgedErrors& now, const JudgedErrors& before) {
  return !does_harm(now, before) && now != before;
}

}  // namespace stac::convert
