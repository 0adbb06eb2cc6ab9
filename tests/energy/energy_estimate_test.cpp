#include "stac/energy/energy_estimate.hpp"

#include <gtest/gtest.h>

namespace stac::energy {
namespace {

EnergyModel round_numbers() {
  return {"round",
          "Round numbers",
          {{"f32_add", {1.0, "made up"}}, {"f32_multiply", {3.0, "made up"}}, {"int32_add", {0.25, "made up"}}}};
}

// By hand: 3 inputs to 4 outputs and 4 inputs to 2 outputs, so 12 + 8 MACs; the first neurons fire 2, 0 and 3 times
// (fan-out 4), the second 1, 1, 0 and 2 times (fan-out 2): 20 + 8 additions. One head's query of 2 channels against 5
// keys: 10 MACs, 3 spikes, 15 additions.
snn::Ledger network() {
  snn::Ledger ledger(1);
  ledger.add(0, snn::Site::up, {.macs = 12, .windows = 3, .silent = 1, .spikes = 5, .additions = 20});
  ledger.add(1, snn::Site::head, {.macs = 8, .windows = 4, .silent = 1, .spikes = 4, .additions = 8});
  ledger.add(0, snn::Site::scores, {.macs = 10, .windows = 2, .silent = 0, .spikes = 3, .additions = 15});
  return ledger;
}

TEST(EnergyEstimate, IsTheHandComputedOne) {
  const EnergyEstimate estimate = estimate_energy(round_numbers(), network(), Adder::f32);
  EXPECT_DOUBLE_EQ(estimate.dense_picojoules, 30 * 4.0);
  EXPECT_DOUBLE_EQ(estimate.spiking_picojoules, (28 + 15) * 1.0);
  EXPECT_DOUBLE_EQ(estimate.ratio, 43.0 / 120.0);
}

TEST(EnergyEstimate, AttentionNeverGetsTheCheaperAdder) {
  const EnergyEstimate estimate = estimate_energy(round_numbers(), network(), Adder::int32);
  EXPECT_EQ(estimate.projection_additions, 28U);
  EXPECT_EQ(estimate.attention_additions, 15U);
  EXPECT_DOUBLE_EQ(estimate.spiking_picojoules, 28 * 0.25 + 15 * 1.0);
  EXPECT_STREQ(adder_name(estimate.projections), "int32");
}

TEST(EnergyEstimate, OfNothingIsNothing) {
  const EnergyEstimate estimate = estimate_energy(round_numbers(), snn::Ledger(1), Adder::f32);
  EXPECT_EQ(estimate.dense_picojoules, 0.0);
  EXPECT_EQ(estimate.ratio, 0.0);
}

}  // namespace
}  // namespace stac::energy
