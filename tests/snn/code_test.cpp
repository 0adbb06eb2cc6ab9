#include "stac/snn/code.hpp"

#include <gtest/gtest.h>

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
