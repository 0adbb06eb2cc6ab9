#include "stac/snn/plan.hpp"

#include <algorithm>

namespace stac::snn {

Plan::Plan(std::int64_t layers, const Population& everywhere) : sites_(layers + 1) {
  for_each_site(layers, [&](std::int64_t layer, Site site) { at(layer, site) = everywhere; });
}

std::int64_t Plan::latency() const {
  std::int64_t steps = 0;
  for_each_site(layers(), [&](std::int64_t layer, Site site) { steps += at(layer, site).code.timesteps; });
  return steps;
}

int Plan::longest_window() const {
  int longest = 0;
  for_each_site(layers(),
                [&](std::int64_t layer, Site site) { longest = std::max(longest, at(layer, site).code.timesteps); });
  return longest;
}

}  // namespace stac::snn
