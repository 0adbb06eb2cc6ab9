#include "stac/snn/population.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "snn/gain_control.hpp"
#include "stac/error.hpp"

namespace stac::snn {

namespace {

constexpr std::int64_t kLargestContribution = std::int64_t{1} << 24;  // what EncodedRows' two slices hold

bool all_positive(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v) && v > 0.0F; });
}

void require_size(const char* field, std::size_t size, std::int64_t expected) {
  if (size == 0 || static_cast<std::int64_t>(size) == expected) return;
  throw UsageError(std::string(field) + ": has " + std::to_string(size) + " values, not " + std::to_string(expected));
}

}  // namespace

std::int64_t group_count(const Population& population, std::int64_t channels) {
  return population.group == 0 ? 1 : (channels + population.group - 1) / population.group;
}

std::int64_t largest_contribution(const Population& population) {
  return full_scale(population.code) * (population.group == 0 ? 1 : largest_gain(population));
}

void require_valid(const Population& population, std::int64_t channels) {
  require_valid(population.code);
  if (population.group < 0) {
    throw UsageError("group: " + std::to_string(population.group) + " is negative", "choose 0 or a number of channels");
  }
  if (population.group > 0 && largest_contribution(population) > kLargestContribution) {
    throw UsageError("group: a window of " + std::to_string(population.code.timesteps) +
                         " timesteps is finer than the gains of groups can scale exactly",
                     "choose fewer timesteps, or no groups");
  }
  require_size("profile", population.profile.size(), channels);
  require_size("rest", population.rest.size(), channels);
  require_size("full_scale", population.full_scale.size(), group_count(population, channels));
  if (!all_positive(population.profile)) throw UsageError("profile: a threshold is not positive and finite");
  if (!std::all_of(population.rest.begin(), population.rest.end(), [](float v) { return std::isfinite(v); })) {
    throw UsageError("rest: a value is not finite");
  }
  if (!all_positive(population.full_scale)) throw UsageError("full_scale: a full scale is not positive and finite");
}

}  // namespace stac::snn
