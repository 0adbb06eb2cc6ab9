#include "stac/snn/phase_code.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "stac/error.hpp"

namespace stac::snn {

void PrintTo(const PhaseCode& code, std::ostream* out) { *out << "T=" << code.timesteps << " base=" << code.base; }

namespace {

int count_spikes(const SpikeTrain& train) {
  int spikes = 0;
  for (const int s : train) spikes += s != 0;
  return spikes;
}

// Every ternary train of T steps: the fewest spikes with which each integer can be said.
std::map<std::int64_t, int> fewest_spikes(const PhaseCode& code) {
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

class EveryPhaseCode : public ::testing::TestWithParam<PhaseCode> {};

TEST_P(EveryPhaseCode, SpeaksTheNearestLevelOfAnyMembrane) {
  const PhaseCode code = GetParam();
  const auto scale = static_cast<float>(full_scale(code));
  std::mt19937 random(7);
  std::uniform_real_distribution<float> membrane(-scale, scale);
  for (int i = 0; i < 2000; ++i) {
    const float u = membrane(random);
    const std::int64_t spoken = decode(code, simulate_window(code, u));
    ASSERT_LE(std::abs(static_cast<double>(spoken) - static_cast<double>(u)), 0.5) << u;
  }
}

TEST_P(EveryPhaseCode, SpikeTrainIsAFunctionOfTheDecodedInteger) {
  const PhaseCode code = GetParam();
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

TEST_P(EveryPhaseCode, IsOddAndSaturatesAtFullScale) {
  const PhaseCode code = GetParam();
  const std::int64_t scale = full_scale(code);
  EXPECT_EQ(decode(code, simulate_window(code, static_cast<float>(scale) * 1.5F)), scale);
  for (const float u : {0.5F, 1.5F, 0.3F * static_cast<float>(scale), static_cast<float>(scale)}) {
    EXPECT_EQ(decode(code, simulate_window(code, u)), -decode(code, simulate_window(code, -u)));
  }
}

// T small enough to try all 3^T trains.
class EveryShortPhaseCode : public ::testing::TestWithParam<PhaseCode> {};

TEST_P(EveryShortPhaseCode, NoShorterTrainSaysTheSameInteger) {
  const PhaseCode code = GetParam();
  for (const auto& [value, fewest] : fewest_spikes(code)) {
    ASSERT_EQ(count_spikes(simulate_window(code, static_cast<float>(value))), fewest) << value;
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, EveryPhaseCode,
                         ::testing::Values(PhaseCode{1, 2}, PhaseCode{2, 2}, PhaseCode{3, 2}, PhaseCode{4, 2},
                                           PhaseCode{5, 2}, PhaseCode{8, 2}, PhaseCode{12, 2}, PhaseCode{16, 2},
                                           PhaseCode{24, 2}, PhaseCode{64, 2}, PhaseCode{1, 3}, PhaseCode{2, 3},
                                           PhaseCode{3, 3}, PhaseCode{4, 3}, PhaseCode{5, 3}, PhaseCode{8, 3},
                                           PhaseCode{12, 3}, PhaseCode{16, 3}));

INSTANTIATE_TEST_SUITE_P(Codes, EveryShortPhaseCode,
                         ::testing::Values(PhaseCode{1, 2}, PhaseCode{2, 2}, PhaseCode{3, 2}, PhaseCode{4, 2},
                                           PhaseCode{5, 2}, PhaseCode{8, 2}, PhaseCode{12, 2}, PhaseCode{1, 3},
                                           PhaseCode{2, 3}, PhaseCode{3, 3}, PhaseCode{4, 3}, PhaseCode{5, 3},
                                           PhaseCode{8, 3}, PhaseCode{12, 3}));

TEST(PhaseCode, FullScaleIsTheGeometricSum) {
  EXPECT_EQ(full_scale({1, 2}), 1);
  EXPECT_EQ(full_scale({8, 2}), 255);
  EXPECT_EQ(full_scale({12, 2}), 4095);
  EXPECT_EQ(full_scale({4, 3}), 40);
  EXPECT_EQ(full_scale({5, 3}), 121);
}

TEST(PhaseCode, StepsPastTheResolutionOfF32StaySilent) {
  EXPECT_EQ(full_scale({64, 2}), full_scale({24, 2}));
  EXPECT_EQ(spike_weight({30, 2}, 23), 1);
  EXPECT_EQ(spike_weight({30, 2}, 24), 0);
  const SpikeTrain train = simulate_window({30, 2}, 12345.0F);
  for (int t = 24; t < 30; ++t) EXPECT_EQ(train[t], 0);
}

TEST(PhaseCode, FiringFractionFollowsItsFormula) {
  EXPECT_DOUBLE_EQ(firing_fraction({3, 2}, 0), 0.625);
  EXPECT_DOUBLE_EQ(firing_fraction({3, 2}, 1), 0.75);
  EXPECT_DOUBLE_EQ(firing_fraction({3, 2}, 2), 0.5);
  EXPECT_DOUBLE_EQ(firing_fraction({5, 3}, 1), 0.5);
  EXPECT_NEAR(firing_fraction({24, 2}, 0), 2.0 / 3.0, 1e-6);
}

TEST(PhaseCode, TimestepsAndBasesOutOfRangeAreRefused) {
  EXPECT_THROW(require_valid({0, 2}), UsageError);
  EXPECT_THROW(require_valid({65, 2}), UsageError);
  EXPECT_THROW(require_valid({8, 4}), UsageError);
  EXPECT_NO_THROW(require_valid({64, 3}));
}

TEST(PhaseCode, AdaptiveScalePutsTheLargestMagnitudeAtFullScale) {
  EXPECT_FLOAT_EQ(adaptive_scale({8, 2}, 510.0F), 2.0F);
  EXPECT_EQ(adaptive_scale({8, 2}, 0.0F), 0.0F);
  EXPECT_EQ(adaptive_scale({8, 2}, 1e-38F), 0.0F) << "a step below the smallest normal f32 stays silent";
}

}  // namespace
}  // namespace stac::snn
