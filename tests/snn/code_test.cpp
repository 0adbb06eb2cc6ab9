#include "stac/snn/code.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "stac/error.hpp"

namespace stac::snn {

void PrintTo(const Code& code, std::ostream* out) { *out << "T=" << code.timesteps << " base=" << code.base; }

namespace {

int count_spikes(const SpikeTrain& train) {
  int spikes = 0;
  for (const int s : train) spikes += s != 0;
  return spikes;
}

// Every ternary train of T steps: the fewest spikes with which each integer can be said.
std::map<std::int64_t, int> fewest_spikes(const Code& code) {
  std::map<std::int64_t, int> fewest;
  std::int64_t trains = 1;
  for (int t = 0; t < code.timesteps; ++t) trains *= 3;
  for (std::int64_t index = 0; index < trains; ++index) {
    std::int64_t value = 0;
    std::int64_t rest = index;
    int spikes = 0;
    for (int t = 0; t < code.timesteps; ++t, rest /= 3) {
      const std::int64_t s = rest % 3 - 1;
      value = value * code.base + s;
      spikes += s != 0;
    }
    const auto [entry, is_new] = fewest.emplace(value, spikes);
    if (!is_new) entry->second = std::min(entry->second, spikes);
  }
  return fewest;
}

class EveryCode : public ::testing::TestWithParam<Code> {};

TEST_P(EveryCode, SpeaksTheNearestLevelOfAnyMembrane) {
  const Code code = GetParam();
  const auto scale = static_cast<float>(full_scale(code));
  std::mt19937 random(7);
  std::uniform_real_distribution<float> membrane(-scale, scale);
  for (int i = 0; i < 2000; ++i) {
    const float u = membrane(random);
    const std::int64_t spoken = decode(code, simulate_window(code, u));
    ASSERT_LE(std::abs(static_cast<double>(spoken) - static_cast<double>(u)), 0.5) << u;
  }
}

TEST_P(EveryCode, SpikeTrainIsAFunctionOfTheDecodedInteger) {
  const Code code = GetParam();
  const std::int64_t scale = full_scale(code);
  std::mt19937 random(8);
  std::uniform_int_distribution<std::int64_t> integer(-scale, scale);
  std::uniform_real_distribution<float> offset(-0.45F, 0.45F);
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t n = integer(random);
    if (std::abs(n) > (1 << 20)) continue;  // f32 cannot hold the offset beside a larger integer
    const SpikeTrain train = simulate_window(code, static_cast<float>(n));
    ASSERT_EQ(decode(code, train), n);
    const float shifted = static_cast<float>(n) + (std::abs(n) < (1 << 12) ? offset(random) : 0.0F);
    ASSERT_EQ(simulate_window(code, shifted), train) << shifted;
  }
}

TEST_P(EveryCode, IsOddAndSaturatesAtFullScale) {
  const Code code = GetParam();
  const std::int64_t scale = full_scale(code);
  EXPECT_EQ(decode(code, simulate_window(code, static_cast<float>(scale) * 1.5F)), scale);
  for (const float u : {0.5F, 1.5F, 0.3F * static_cast<float>(scale), static_cast<float>(scale)}) {
    EXPECT_EQ(decode(code, simulate_window(code, u)), -decode(code, simulate_window(code, -u)));
  }
}

// T small enough to try all 3^T trains.
class EveryShortCode : public ::testing::TestWithParam<Code> {};

TEST_P(EveryShortCode, NoShorterTrainSaysTheSameInteger) {
  const Code code = GetParam();
  for (const auto& [value, fewest] : fewest_spikes(code)) {
    ASSERT_EQ(count_spikes(simulate_window(code, static_cast<float>(value))), fewest) << value;
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, EveryCode,
                         ::testing::Values(Code{1, 2}, Code{2, 2}, Code{3, 2}, Code{4, 2}, Code{5, 2}, Code{8, 2},
                                           Code{12, 2}, Code{16, 2}, Code{24, 2}, Code{64, 2}, Code{1, 3}, Code{2, 3},
                                           Code{3, 3}, Code{4, 3}, Code{5, 3}, Code{8, 3}, Code{12, 3}, Code{16, 3}));

INSTANTIATE_TEST_SUITE_P(Codes, EveryShortCode,
                         ::testing::Values(Code{1, 2}, Code{2, 2}, Code{3, 2}, Code{4, 2}, Code{5, 2}, Code{8, 2},
                                           Code{12, 2}, Code{1, 3}, Code{2, 3}, Code{3, 3}, Code{4, 3}, Code{5, 3},
                                           Code{8, 3}, Code{12, 3}));

TEST(Code, FullScaleIsTheGeometricSum) {
  EXPECT_EQ(full_scale({1, 2}), 1);
  EXPECT_EQ(full_scale({8, 2}), 255);
  EXPECT_EQ(full_scale({12, 2}), 4095);
  EXPECT_EQ(full_scale({4, 3}), 40);
  EXPECT_EQ(full_scale({5, 3}), 121);
}

TEST(Code, StepsPastTheResolutionOfF32StaySilent) {
  EXPECT_EQ(full_scale({64, 2}), full_scale({24, 2}));
  EXPECT_EQ(spike_weight({30, 2}, 23), 1);
  EXPECT_EQ(spike_weight({30, 2}, 24), 0);
  const SpikeTrain train = simulate_window({30, 2}, 12345.0F);
  for (int t = 24; t < 30; ++t) EXPECT_EQ(train[t], 0);
}

TEST(Code, FiringFractionFollowsItsFormula) {
  EXPECT_DOUBLE_EQ(firing_fraction({3, 2}, 0), 0.625);
  EXPECT_DOUBLE_EQ(firing_fraction({3, 2}, 1), 0.75);
  EXPECT_DOUBLE_EQ(firing_fraction({3, 2}, 2), 0.5);
  EXPECT_DOUBLE_EQ(firing_fraction({5, 3}, 1), 0.5);
  EXPECT_NEAR(firing_fraction({24, 2}, 0), 2.0 / 3.0, 1e-6);
}

TEST(Code, TimestepsAndBasesOutOfRangeAreRefused) {
  EXPECT_THROW(require_valid({0, 2}), UsageError);
  EXPECT_THROW(require_valid({65, 2}), UsageError);
  EXPECT_THROW(require_valid({8, 4}), UsageError);
  EXPECT_NO_THROW(require_valid({64, 3}));
}

Code random_code(std::mt19937& random) {
  Code code{1 + static_cast<int>(random() % 64), 2 + static_cast<int>(random() % 2),
            static_cast<CodeKind>(random() % 3)};
  code.tau = 1.05 + 0.01 * static_cast<double>(random() % 2000);
  if (random() % 2 == 0) code.spike_budget = 1 + static_cast<int>(random() % 8);
  if (code.kind == CodeKind::phase) {
    if (code.base == 2 && random() % 2 == 0) code.polarity = Polarity::excitatory;
  } else if (random() % 2 == 0) {
    code.reset = Reset::hard;
  }
  return code;
}

// What a window took in is what it said, what is left in the membrane, and what resets forgot:
//     reach drive = sum_t lambda^(T-1-t) (theta s_t + forgotten_t) + v_T - lambda^T v_0
TEST(Code, NothingIsLostButTheResidualMembraneAndWhatHardResetsForget) {
  std::mt19937 random(12);
  for (int trial = 0; trial < 6000; ++trial) {
    const Code code = random_code(random);
    const auto whole = static_cast<double>(full_scale(code));
    const float drive = std::uniform_real_distribution<float>(-1.0F, 1.0F)(random) * static_cast<float>(whole);
    const NeuronParameters neuron = neuron_of(code);
    const double lambda = neuron.membrane_factor;
    NeuronState state = initial_state(neuron);
    double reach = 0.0, forgotten = 0.0, charge = neuron.initial_charge;
    for (int t = 0; t < speaking_timesteps(code); ++t) {
      const double driven = drive_at(code, t, 1.0);
      const double charged = lambda * state.potential + driven * static_cast<double>(drive);
      const NeuronStep now = step(neuron, state, driven * static_cast<double>(drive), firing_fraction(code, t));
      forgotten = lambda * forgotten + charged - now.spike * neuron.threshold - now.state.potential;
      reach = lambda * reach + driven;
      charge *= lambda;
      state = now.state;
    }
    const auto said = static_cast<double>(decode(code, simulate_window(code, drive)));
    const double left = (state.potential - charge + forgotten) / reach;
    const double kernel_rounding = code.kind == CodeKind::lif ? code.timesteps : 0.0;
    ASSERT_NEAR(drive, said + left, kernel_rounding + 1e-9 * whole) << code_text(code) << " drive=" << drive;
    if (code.reset == Reset::soft) {
      ASSERT_NEAR(forgotten, 0.0, 1e-9 * whole * reach) << code_text(code);
    }
  }
}

// Constant drives: what the membrane still holds at the end bounds what the window left unsaid.
TEST(Code, RateAndLeakyWindowsSayTheirDriveUpToTheResidualMembrane) {
  std::mt19937 random(9);
  for (int trial = 0; trial < 4000; ++trial) {
    Code code{1 + static_cast<int>(random() % 64), 2, trial % 2 == 0 ? CodeKind::rate : CodeKind::lif};
    code.tau = 1.05 + 0.01 * static_cast<double>(random() % 2000);
    const auto whole = static_cast<double>(full_scale(code));
    const float drive = std::uniform_real_distribution<float>(-1.0F, 1.0F)(random) * static_cast<float>(whole);
    const NeuronParameters neuron = neuron_of(code);
    NeuronState state;
    double reach = 0.0;  // sum of lambda^(T-1-t)
    for (int t = 0; t < code.timesteps; ++t) {
      state = step(neuron, state, drive_at(code, t, static_cast<double>(drive)), firing_fraction(code, t)).state;
      reach = neuron.membrane_factor * reach + 1.0;
    }
    const double said = static_cast<double>(decode(code, simulate_window(code, drive)));
    const double kernel_rounding = 0.5 * code.timesteps;  // half an integer step per spike, and as much in their sum
    ASSERT_LE(std::abs(said - drive), std::abs(state.potential) / reach + 2.0 * kernel_rounding)
        << "T=" << code.timesteps << " tau=" << code.tau << " drive=" << drive;
    ASSERT_LE(std::abs(state.potential), 0.5 * whole * (1.0 + 1e-9)) << "the residual itself is bounded";
    if (code.kind != CodeKind::rate) continue;
    ASSERT_LE(std::abs(said - drive), 0.5);
  }
}

TEST(Code, UnsignedWindowsAreTheBinaryDigitsOfTheNearestLevel) {
  std::mt19937 random(13);
  for (int trial = 0; trial < 4000; ++trial) {
    const Code code{.timesteps = 1 + static_cast<int>(random() % 24), .polarity = Polarity::excitatory};
    const auto whole = static_cast<float>(full_scale(code));
    float drive = std::uniform_real_distribution<float>(-0.2F * whole, 1.2F * whole)(random);
    if (trial % 4 == 0) drive = std::floor(drive) + 0.5F;  // halfway between levels: upwards
    const double nearest = std::clamp(std::floor(static_cast<double>(drive) + 0.5), 0.0, static_cast<double>(whole));
    const auto bits = static_cast<std::uint32_t>(nearest);
    const SpikeTrain train = simulate_window(code, drive);
    for (int t = 0; t < code.timesteps; ++t) {
      ASSERT_EQ(train[t], static_cast<int>(bits >> (code.timesteps - 1 - t) & 1U)) << "T=" << code.timesteps << drive;
    }
  }
}

TEST(Code, RateAndLeakyWindowsOfWhatIsNeverNegativeHoldNoInhibitorySpikes) {
  std::mt19937 random(14);
  for (int trial = 0; trial < 4000; ++trial) {
    Code code = random_code(random);
    if (code.kind == CodeKind::phase) continue;
    const auto whole = static_cast<float>(full_scale(code));
    const float drive = std::uniform_real_distribution<float>(0.0F, 1.3F)(random) * whole;
    for (const int spike : simulate_window(code, drive)) ASSERT_GE(spike, 0) << code_text(code);
  }
}

TEST(Code, HardResetFiresOncePerCharge) {
  std::mt19937 random(15);
  for (int trial = 0; trial < 2000; ++trial) {
    const Code code{.timesteps = 1 + static_cast<int>(random() % 64), .kind = CodeKind::rate, .reset = Reset::hard};
    const double threshold = code.timesteps;
    const float drive = std::uniform_real_distribution<float>(0.01F, 1.2F)(random) * static_cast<float>(threshold);
    int period = 1;
    while (period * static_cast<double>(drive) < threshold) ++period;
    ASSERT_EQ(speak(code, drive).value, code.timesteps / period) << "T=" << code.timesteps << " drive=" << drive;
  }
}

// Decaying the input only changes the unit of the membrane, and thresholds are chosen in that unit: so it is no
// parameter of a code.
TEST(Code, DecayedInputUnderADecayedThresholdSpikesAlike) {
  std::mt19937 random(16);
  for (int trial = 0; trial < 1000; ++trial) {
    Code code{1 + static_cast<int>(random() % 64), 2, CodeKind::lif};
    code.tau = std::ldexp(1.0, 1 + static_cast<int>(random() % 4));  // so that the division is exact
    const auto whole = static_cast<float>(full_scale(code));
    const float drive = std::uniform_real_distribution<float>(-whole, whole)(random);
    NeuronParameters decayed = neuron_of(code);
    decayed.threshold /= code.tau;
    NeuronState state = initial_state(decayed);
    for (const int spike : simulate_window(code, drive)) {
      const NeuronStep now = step(decayed, state, static_cast<double>(drive) / code.tau, 0.5);
      ASSERT_EQ(now.spike, spike) << code_text(code);
      state = now.state;
    }
  }
}

TEST(Code, FieldsThatAKindDoesNotHaveAreRefused) {
  EXPECT_THROW(require_valid({.base = 3, .polarity = Polarity::excitatory}), UsageError);
  EXPECT_THROW(require_valid({.kind = CodeKind::rate, .polarity = Polarity::excitatory}), UsageError);
  EXPECT_THROW(require_valid({.reset = Reset::hard}), UsageError);
  EXPECT_NO_THROW(require_valid({.polarity = Polarity::excitatory}));
  EXPECT_NO_THROW(require_valid({.kind = CodeKind::lif, .reset = Reset::hard}));
}

TEST(Code, ABudgetKeepsTheFirstSpikesOfTheTrain) {
  std::mt19937 random(10);
  for (int trial = 0; trial < 2000; ++trial) {
    Code code{1 + static_cast<int>(random() % 12), 2 + static_cast<int>(random() % 2)};
    const auto whole = static_cast<float>(full_scale(code));
    const float drive = std::uniform_real_distribution<float>(-whole, whole)(random);
    SpikeTrain expected = simulate_window(code, drive);
    code.spike_budget = 1 + static_cast<int>(random() % 4);
    int left = code.spike_budget;
    for (std::int8_t& spike : expected) {
      if (spike != 0 && left-- <= 0) spike = 0;
    }
    ASSERT_EQ(simulate_window(code, drive), expected);
    ASSERT_EQ(speak(code, drive).value, decode(code, expected));
  }
}

TEST(Code, MembranesInTheDeadZoneStaySilentAndOthersAreUntouched) {
  for (const CodeKind kind : {CodeKind::phase, CodeKind::rate, CodeKind::lif}) {
    const Code plain{8, 2, kind};
    Code dead = plain;
    dead.dead_zone = 0.1;
    const auto whole = static_cast<float>(full_scale(plain));
    for (int i = -100; i <= 100; ++i) {
      const float drive = whole * static_cast<float>(i) / 100.0F;
      const bool silent = std::abs(static_cast<double>(drive)) <= 0.1 * static_cast<double>(whole);
      EXPECT_EQ(speak(dead, drive).value, silent ? 0 : speak(plain, drive).value) << i;
    }
  }
}

TEST(Code, FieldsOutOfRangeAreRefusedByName) {
  const auto message = [](const Code& code) -> std::string {
    try {
      require_valid(code);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message({.tau = 1.0}).find("tau"), std::string::npos);
  EXPECT_NE(message({.tau = std::nan("")}).find("tau"), std::string::npos);
  EXPECT_NE(message({.spike_budget = -1}).find("spike-budget"), std::string::npos);
  EXPECT_NE(message({.dead_zone = 1.0}).find("dead-zone"), std::string::npos);
  EXPECT_NE(message({.headroom = 0.0}).find("headroom"), std::string::npos);
}

TEST(Code, ScalePutsTheLargestMagnitudeAtFullScale) {
  EXPECT_FLOAT_EQ(scale_for({8, 2}, 510.0F), 2.0F);
  EXPECT_EQ(scale_for({8, 2}, 0.0F), 0.0F);
  EXPECT_EQ(scale_for({8, 2}, 1e-38F), 0.0F) << "a step below the smallest normal f32 stays silent";
}

}  // namespace
}  // namespace stac::snn
