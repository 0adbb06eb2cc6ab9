#include "snn/gain_control.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "snn/membrane_functions.hpp"

namespace stac::snn {

namespace {

constexpr std::int64_t kCoarsest = 16;  // levels
constexpr std::int32_t kGainsTried = 4;

std::int32_t multiplier_for(float magnitude, float loudest, float steps) {
  if (magnitude == 0.0F) return 0;
  return static_cast<std::int32_t>(std::clamp(std::ceil(steps * (magnitude / loudest)), 1.0F, steps));
}

std::int32_t tried_multiplier(std::int32_t least, std::int32_t trial) { return least + trial * least / kTriedParts; }

// sum_j (x_j - scale n_j)^2 with n_j the integer nearest x_j / scale. In f64 and index order: engines and exports agree
// on which gain is best.
double misfit(const float* membranes, std::int64_t n, float scale, float full) {
  double sum = 0.0;
  for (std::int64_t j = 0; j < n; ++j) {
    const float nearest = std::clamp(std::nearbyint(membranes[j] / scale), -full, full);
    const double left = static_cast<double>(membranes[j]) - static_cast<double>(nearest) * static_cast<double>(scale);
    sum += left * left;
  }
  return sum;
}

std::int32_t fitted_multiplier(const float* membranes, std::int64_t n, float unit, std::int32_t least, float full) {
  std::int32_t best = least;
  double best_misfit = std::numeric_limits<double>::infinity();
  for (std::int32_t trial = 0; trial < kGainsTried; ++trial) {
    const std::int32_t multiplier = tried_multiplier(least, trial);
    const double sum = misfit(membranes, n, unit * static_cast<float>(multiplier), full);
    if (sum >= best_misfit) continue;
    best = multiplier;
    best_misfit = sum;
  }
  return best;
}

}  // namespace

std::int32_t gain_steps(const Code& code) {
  const std::int64_t levels = full_scale(code);
  if (levels < kCoarsest) return 64;
  return levels < 64 ? 32 : 16;
}

std::int32_t gains_tried(const Population& population) {
  const bool tries = population.group != 0 && population.full_scale.empty() &&
                     population.code.kind == CodeKind::phase && full_scale(population.code) < kCoarsest;
  return tries ? kGainsTried : 0;
}

std::int32_t largest_gain(const Population& population) {
  return tried_multiplier(gain_steps(population.code), std::max(gains_tried(population) - 1, 0));
}

RowGains row_gains(const Population& population, const float* membranes, std::int64_t n) {
  const bool tries = gains_tried(population) > 0;
  const auto full = static_cast<float>(full_scale(population.code));
  RowGains gains;
  const std::int64_t groups = group_count(population, n);
  gains.groups.resize(groups);
  std::vector<float> magnitudes(groups);
  const std::int64_t width = population.group == 0 ? n : population.group;
  for (std::int64_t g = 0; g < groups; ++g) {
    GroupGain& gain = gains.groups[g];
    gain.first = g * width;
    gain.count = std::min(width, n - gain.first);
    magnitudes[g] = largest_magnitude(membranes + gain.first, gain.count);
  }
  if (!population.full_scale.empty()) magnitudes = population.full_scale;
  const float loudest = *std::max_element(magnitudes.begin(), magnitudes.end());
  const float scale = scale_for(population.code, loudest);
  const bool divides = groups > 1 || tries;  // the scale into steps
  const auto steps = divides ? static_cast<float>(gain_steps(population.code)) : 1.0F;
  gains.unit = scale / steps;
  for (std::int64_t g = 0; g < groups && scale != 0.0F; ++g) {
    GroupGain& gain = gains.groups[g];
    gain.multiplier = multiplier_for(magnitudes[g], loudest, steps);
    if (tries && gain.multiplier > 0) {
      gain.multiplier = fitted_multiplier(membranes + gain.first, gain.count, gains.unit, gain.multiplier, full);
    }
    gain.scale = gains.unit * static_cast<float>(gain.multiplier);
  }
  if (groups > 1) return gains;
  gains.unit = gains.groups[0].scale;  // the only gain is the row's own
  gains.groups[0].multiplier = 1;
  return gains;
}

const float* in_profile_units(const Population& population, const float* membranes, std::int64_t n,
                              std::vector<float>& scratch) {
  if (population.profile.empty()) return membranes;
  scratch.resize(n);
  for (std::int64_t j = 0; j < n; ++j) scratch[j] = membranes[j] / population.profile[j];
  return scratch.data();
}

}  // namespace stac::snn
