#include "stac/energy/energy_estimate.hpp"

#include <gtest/gtest.h>

namespace stac::energy {
namespace {

EnergyModel round_numbers() {
  return {"round",
          "Round numbers",
          {{"f32_add", {1.0, "made up"}}, {"f32_multiply", {3.0, "made up"}}, {"int32_add", {0.25, "made up"}}}};
}

// Two layers by hand: 3 inputs to 4 outputs, 4 inputs to 2 outputs, so 12 + 8 MACs; the first layer's neurons fire 2, 0
// and 3 times (fan-out 4), the second's 1, 1, 0 and 2 times (fan-out 2): 20 + 8 additions.
snn::SiteCounts two_layers() {
  snn::SiteCounts first{.macs = 12, .windows = 3, .silent = 1, .spikes = 5, .additions = 20};
  first += {.macs = 8, .windows = 4, .silent = 1, .spikes = 4, .additions = 8};
  return first;
}

TEST(EnergyEstimate, OfTwoLayersWithKnownSpikesIsTheHandComputedOne) {
  const EnergyEstimate estimate = estimate_energy(round_numbers(), two_layers(), Adder::f32);
  EXPECT_DOUBLE_EQ(estimate.dense_picojoules, 20 * 4.0);
  EXPECT_DOUBLE_EQ(estimate.spiking_picojoules, 28 * 1.0);
  EXPECT_DOUBLE_EQ(estimate.ratio, 0.35);
}

TEST(EnergyEstimate, UsesTheCheaperAdderOnlyWhereItIsSaid) {
  const EnergyEstimate estimate = estimate_energy(round_numbers(), two_layers(), Adder::int32);
  EXPECT_DOUBLE_EQ(estimate.spiking_picojoules, 28 * 0.25);
  EXPECT_STREQ(adder_name(estimate.adder), "int32");
}

TEST(EnergyEstimate, OfNothingIsNothing) {
  const EnergyEstimate estimate = estimate_energy(round_numbers(), {}, Adder::f32);
  EXPECT_EQ(estimate.dense_picojoules, 0.0);
  EXPECT_EQ(estimate.ratio, 0.0);
}

}  // namespace
}  // namespace stac::energy
