// Confidence intervals by resampling (Efron 1979, the percentile method).
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace stac::eval {

struct Interval {
  double low = 0.0;
  double high = 0.0;
};

/// The 95% interval of a statistic of n units drawn with replacement, 2,000 times; a function of the seed alone.
/// @param statistic  of the drawn units' indices
/// @return none for fewer than two units, which say nothing about their spread
[[nodiscard]] std::optional<Interval> bootstrap_interval(
    std::int64_t units, std::uint64_t seed, const std::function<double(std::span<const std::int64_t>)>& statistic);

}  // namespace stac::eval
