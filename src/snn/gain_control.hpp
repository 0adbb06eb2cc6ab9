// The gain of each group of a population for one row. Gains are whole multiples of one unit per row, so that sums over
// groups stay sums of integers: value = code * multiplier * unit.
#pragma once
#include <cstdint>
#include <vector>

#include "stac/snn/population.hpp"

namespace stac::snn {

/// Steps in which a group's gain follows its largest membrane; the row's loudest group has all of them. Coarse codes
/// have more of them, 64 below 16 levels and 32 below 64, else 16: what a gain's step leaves unused they feel, and sums
/// of their small integers have the room.
[[nodiscard]] std::int32_t gain_steps(const Code& code);

/// Trial k of a gain is the least one and k twelfths of it, rounded down.
inline constexpr std::int32_t kTriedParts = 12;

/// Largest multiplier of the unit that a group's gain can be, where there are several groups.
[[nodiscard]] std::int32_t largest_gain(const Population& population);

struct GroupGain {
  std::int64_t first = 0;       ///< channel
  std::int64_t count = 0;       ///< channels
  float scale = 0.0F;           ///< membrane units per integer step; 0: the group stays silent
  std::int32_t multiplier = 0;  ///< scale / unit
};

struct RowGains {
  float unit = 0.0F;  ///< membrane units
  std::vector<GroupGain> groups;
};

/// A group's gain is the least that holds its largest membrane; where gains are tried (population.hpp), that of up to
/// 5/4 of it under which the group's nearest integers lie nearest to its membranes, by the sum of squares.
/// @param membranes  [n], in units of the profile
/// @throws stac::Error  a membrane is NaN or infinite
[[nodiscard]] RowGains row_gains(const Population& population, const float* membranes, std::int64_t n);

/// membranes[j] / theta_j; the row itself where the profile is empty.
/// @param scratch  holds the result where there is a profile
[[nodiscard]] const float* in_profile_units(const Population& population, const float* membranes, std::int64_t n,
                                            std::vector<float>& scratch);

}  // namespace stac::snn
