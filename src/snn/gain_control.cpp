#include "snn/gain_control.hpp"

#include <algorithm>
#include <cmath>

#include "snn/membrane_functions.hpp"

namespace stac::snn {

namespace {

std::int32_t multiplier_for(float magnitude, float loudest, float steps) {
  if (magnitude == 0.0F) return 0;
  return static_cast<std::int32_t>(std::clamp(std::ceil(steps * (magnitude / loudest)), 1.0F, steps));
}

}  // namespace

std::int32_t gain_steps(const Code& code) {
  const std::int64_t levels = full_scale(code);
  if (levels < 16) return 64;
  return levels < 64 ? 32 : 16;
}

RowGains row_gains(const Population& population, const float* membranes, std::int64_t n) {
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
  if (groups == 1) {
    gains.unit = scale;
    gains.groups[0].scale = scale;
    gains.groups[0].multiplier = 1;
    return gains;
  }
  const auto steps = static_cast<float>(gain_steps(population.code));
  gains.unit = scale / steps;
  for (std::int64_t g = 0; g < groups && scale != 0.0F; ++g) {
    gains.groups[g].multiplier = multiplier_for(magnitudes[g], loudest, steps);
    gains.groups[g].scale = gains.unit * static_cast<float>(gains.groups[g].multiplier);
  }
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
