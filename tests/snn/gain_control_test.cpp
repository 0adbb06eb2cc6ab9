#include "snn/gain_control.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace stac::snn {
namespace {

/// What is left of a group's membranes when the simulated neurons have spoken.
double left_unsaid(const Code& code, const std::vector<float>& row, const GroupGain& group, float scale) {
  double sum = 0.0;
  for (std::int64_t j = group.first; j < group.first + group.count; ++j) {
    const auto said = static_cast<double>(decode(code, simulate_window(code, row[j] / scale)));
    sum += std::pow(row[j] - said * scale, 2);
  }
  return sum;
}

std::vector<float> random_row(std::int64_t n, std::mt19937& random) {
  std::normal_distribution<float> normal(0.0F, 2.0F);
  std::vector<float> row(n);
  for (float& v : row) v = normal(random);
  return row;
}

TEST(GainControl, OfCoarseCodesLeavesLeastUnsaidOfFourGains) {
  std::mt19937 random(7);
  int moved = 0;
  for (const Code code : {Code{3, 3}, Code{2, 3}, Code{3, 2}, Code{4, 2}}) {
    const Population population{code, 4};
    for (int round = 0; round < 50; ++round) {
      const std::vector<float> row = random_row(30, random);  // the last group has two
      const RowGains gains = row_gains(population, row.data(), 30);
      ASSERT_EQ(gains.groups.size(), 8);
      for (const GroupGain& group : gains.groups) {
        float largest = 0.0F;
        for (std::int64_t j = group.first; j < group.first + group.count; ++j) {
          largest = std::max(largest, std::abs(row[j]));
        }
        const float multiple = largest / (gains.unit * static_cast<float>(full_scale(code)));
        const auto least = static_cast<int>(std::ceil(multiple * (1.0F - 1e-6F)));  // the loudest group's is whole
        const double chosen = left_unsaid(code, row, group, group.scale);
        for (int more = 0; more < 4; ++more) {
          const float scale = gains.unit * static_cast<float>(least + least * more / 12);
          EXPECT_LE(chosen, left_unsaid(code, row, group, scale) * (1.0 + 1e-6));
        }
        EXPECT_GE(group.multiplier, least);
        EXPECT_LE(group.multiplier, largest_gain(population));
        EXPECT_EQ(group.scale, gains.unit * static_cast<float>(group.multiplier));
        moved += group.multiplier > least;
      }
    }
  }
  EXPECT_GT(moved, 400);  // of 1,600 groups
}

TEST(GainControl, TriesGainsForCoarseAdaptivePhaseCodesInGroups) {
  EXPECT_EQ(gains_tried({{3, 3}, 4}), 4);
  EXPECT_EQ(gains_tried({{4, 2}, 4}), 4);                    // 15 levels
  EXPECT_EQ(gains_tried({{4, 3}, 4}), 0);                    // 40 levels
  EXPECT_EQ(gains_tried({{3, 3}}), 0);                       // one gain for the row
  EXPECT_EQ(gains_tried({{3, 3}, 4, {}, {1.0F, 1.0F}}), 0);  // static
  EXPECT_EQ(gains_tried({{.timesteps = 4, .kind = CodeKind::rate}, 4}), 0);
}

TEST(GainControl, OfARowInOneGroupIsTheUnit) {
  const std::vector<float> row{1.0F, -6.5F, 2.0F};
  const RowGains untried = row_gains({{3, 3}}, row.data(), 3);
  ASSERT_EQ(untried.groups.size(), 1);
  EXPECT_EQ(untried.unit, 0.5F);  // 13 levels, which hold every membrane
  const RowGains tried = row_gains({{3, 3}, 4}, row.data(), 3);
  EXPECT_EQ(tried.unit, 0.5F);
  const std::vector<float> between{1.25F, -6.5F, 1.75F};  // nearest to levels 74/64 as far apart
  const RowGains better = row_gains({{3, 3}, 4}, between.data(), 3);
  EXPECT_EQ(better.unit, 0.578125F);
  EXPECT_EQ(better.groups[0].multiplier, 1);
}

TEST(GainControl, WhatIsNotTriedHoldsNoRoomForIt) {
  EXPECT_EQ(largest_contribution({{10, 2}, 4}), 1023 * 16);
  EXPECT_EQ(largest_contribution({{3, 3}, 4, {}, {1.0F}}), 13 * 64);
  EXPECT_NO_THROW(require_valid({{20, 2}, 4}, 8));
}

TEST(GainControl, LargestContributionCoversTheLargestGainTried) {
  std::mt19937 random(11);
  const Population population{{3, 3}, 2};
  EXPECT_EQ(largest_contribution(population), 13 * 80);
  std::int64_t largest = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::vector<float> row = random_row(4, random);
    const RowGains gains = row_gains(population, row.data(), 4);
    for (const GroupGain& group : gains.groups) {
      for (std::int64_t j = group.first; j < group.first + group.count; ++j) {
        const auto said = decode(population.code, simulate_window(population.code, row[j] / group.scale));
        largest = std::max<std::int64_t>(largest, std::abs(said) * group.multiplier);
      }
    }
  }
  EXPECT_LE(largest, largest_contribution(population));
  EXPECT_GT(largest, 13 * 60);
}

}  // namespace
}  // namespace stac::snn
