#include "stac/snn/neuron.hpp"

#include <gtest/gtest.h>

namespace stac::snn {
namespace {

TEST(Neuron, IntegratesItsDriveAndSubtractsTheThresholdWhenItFires) {
  const NeuronParameters neuron{1.0, 1.0};
  NeuronState state;
  int spikes = 0;
  for (int t = 0; t < 10; ++t) {
    const NeuronStep now = step(neuron, state, 0.3, 1.0);
    spikes += now.spike;
    state = now.state;
  }
  EXPECT_EQ(spikes, 2);  // charge 3.0 delivered; the third spike needs more than the threshold
  EXPECT_NEAR(state.potential, 1.0, 1e-12);
}

TEST(Neuron, LeaksByItsMembraneFactor) {
  const NeuronStep now = step({0.5, 10.0}, {4.0}, 1.0, 1.0);
  EXPECT_EQ(now.spike, 0);
  EXPECT_DOUBLE_EQ(now.state.potential, 3.0);
}

TEST(Neuron, IsOdd) {
  for (const double v : {0.2, 0.9, 1.4, 3.0}) {
    const NeuronStep up = step({2.0, 1.0}, {v}, 0.1, 0.7);
    const NeuronStep down = step({2.0, 1.0}, {-v}, -0.1, 0.7);
    EXPECT_EQ(up.spike, -down.spike);
    EXPECT_DOUBLE_EQ(up.state.potential, -down.state.potential);
  }
}

TEST(Neuron, FiresExactlyAtItsLevelWhereReachingItIsEnough) {
  NeuronParameters neuron{1.0, 2.0};
  neuron.firing = Firing::reaching;
  EXPECT_EQ(step(neuron, {}, 1.0, 0.5).spike, 1);
  EXPECT_EQ(step(neuron, {}, -1.0, 0.5).spike, -1);
  EXPECT_EQ(step(neuron, {}, 0.9999999, 0.5).spike, 0);
}

TEST(Neuron, WithoutInhibitionNeverFiresBelowZero) {
  NeuronParameters neuron{1.0, 1.0};
  neuron.inhibitory = false;
  const NeuronStep now = step(neuron, {-3.0}, -1.0, 1.0);
  EXPECT_EQ(now.spike, 0);
  EXPECT_DOUBLE_EQ(now.state.potential, -4.0);
}

TEST(Neuron, HardResetForgetsWhatTheMembraneHeld) {
  NeuronParameters neuron{1.0, 1.0};
  neuron.reset_to = 0.25;
  EXPECT_DOUBLE_EQ(step(neuron, {}, 7.0, 1.0).state.potential, 0.25);
  EXPECT_DOUBLE_EQ(step(neuron, {}, 0.5, 1.0).state.potential, 0.5);
}

TEST(Neuron, FallsSilentWhenItsBudgetIsSpentAndStillIntegrates) {
  NeuronParameters neuron{1.0, 1.0};
  neuron.spike_budget = 1;
  const NeuronStep first = step(neuron, {}, 2.5, 1.0);
  EXPECT_EQ(first.spike, 1);
  const NeuronStep second = step(neuron, first.state, 2.5, 1.0);
  EXPECT_EQ(second.spike, 0);
  EXPECT_DOUBLE_EQ(second.state.potential, 4.0);
}

TEST(Neuron, DrivesInTheDeadZoneDoNotReachTheMembrane) {
  NeuronParameters neuron{1.0, 1.0};
  neuron.dead_zone = 0.5;
  EXPECT_DOUBLE_EQ(step(neuron, {}, 0.5, 1.0).state.potential, 0.0);
  EXPECT_DOUBLE_EQ(step(neuron, {}, -0.5, 1.0).state.potential, 0.0);
  EXPECT_DOUBLE_EQ(step(neuron, {}, 0.5000001, 1.0).state.potential, 0.5000001);
}

TEST(Neuron, StaysSilentExactlyAtItsFiringLevel) {
  EXPECT_EQ(step({1.0, 2.0}, {}, 1.0, 0.5).spike, 0);
  EXPECT_EQ(step({1.0, 2.0}, {}, 1.0000001, 0.5).spike, 1);
}

}  // namespace
}  // namespace stac::snn
