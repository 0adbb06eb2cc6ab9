#include "stac/eval/bootstrap.hpp"

#include <algorithm>
#include <random>

namespace stac::eval {
namespace {

constexpr std::size_t kResamples = 2000;

/// Linear interpolation between order statistics.
double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = at - static_cast<double>(below);
  return sorted[below] * (1.0 - part) + sorted[above] * part;
}

}  // namespace

std::optional<Interval> bootstrap_interval(std::int64_t units, std::uint64_t seed,
                                           const std::function<double(std::span<const std::int64_t>)>& statistic) {
  if (units < 2) return std::nullopt;
  std::mt19937_64 random(seed);
  std::vector<double> values;
  std::vector<std::int64_t> drawn(static_cast<std::size_t>(units));
  for (std::size_t resample = 0; resample < kResamples; ++resample) {
    // The upper bits times the range: the same on every platform, unlike std::uniform_int_distribution.
    for (std::int64_t& unit : drawn) {
      unit = static_cast<std::int64_t>(((random() >> 32U) * static_cast<std::uint64_t>(units)) >> 32U);
    }
    values.push_back(statistic(drawn));
  }
  std::sort(values.begin(), values.end());
  return Interval{quantile(values, 0.025), quantile(values, 0.975)};
}

}  // namespace stac::eval
