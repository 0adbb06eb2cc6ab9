// The neurons that stand at a projection's inputs: what they speak, and how their thresholds are set.
#pragma once
#include <cstdint>
#include <vector>

#include "stac/snn/code.hpp"

namespace stac::snn {

/// Thresholds of a population. Adaptive ones follow the largest membrane of every row (a gain per token); static ones
/// are fixed, and larger membranes saturate.
struct Population {
  Code code = {};
  /// Neighbouring channels that share one gain; 0: all of them. Finer groups speak finer, at one scaling of each
  /// output's current per group.
  std::int64_t group = 0;
  /// theta_j > 0 [channels]: membranes are read in units of it, weights carry it. Empty: 1.
  std::vector<float> profile = {};
  /// Full scale per group, membrane units over theta_j, > 0; empty: adaptive.
  std::vector<float> full_scale = {};
  /// What windows leave unsaid of each channel on average, membrane units [channels]; it reaches the outputs with the
  /// bias. Empty: nothing.
  std::vector<float> rest = {};

  friend bool operator==(const Population&, const Population&) = default;
};

/// Groups of `channels` neighbouring channels; the last may be smaller.
[[nodiscard]] std::int64_t group_count(const Population& population, std::int64_t channels);

/// Gains among which each group's is chosen; 0: none is tried, it follows from the largest
/// membrane. They are tried for adaptive phase codes of fewer than 16 levels, whose levels lie far apart.
[[nodiscard]] std::int32_t gains_tried(const Population& population);

/// Largest integer that a channel can contribute to a sum: a group's code times its gain (gain_control.hpp).
[[nodiscard]] std::int64_t largest_contribution(const Population& population);

/// @throws stac::UsageError  the code is out of range, or a field does not fit `channels`
void require_valid(const Population& population, std::int64_t channels);

}  // namespace stac::snn
