#include "stac/snn/spoken_values.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "stac/error.hpp"

namespace stac::snn {
namespace {

class SpokenValuesOfEveryCode : public ::testing::TestWithParam<Code> {};

TEST_P(SpokenValuesOfEveryCode, EqualTheDecodedTrainsOfSimulatedNeurons) {
  const Code code = GetParam();
  const SpokenValues spoken({code});
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0.0F, 2.0F);
  for (int round = 0; round < 40; ++round) {
    std::vector<float> row(33);
    for (float& v : row) v = normal(random);
    float largest = 0.0F;
    for (const float v : row) largest = std::max(largest, std::abs(v));
    const float scale = scale_for(code, largest);
    std::vector<float> expected;
    for (const float v : row) {
      expected.push_back(static_cast<float>(decode(code, simulate_window(code, v / scale))) * scale);
    }
    spoken.apply(row.data(), static_cast<std::int64_t>(row.size()));
    EXPECT_EQ(row, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, SpokenValuesOfEveryCode,
                         ::testing::Values(Code{1, 2}, Code{3, 2}, Code{8, 2}, Code{1, 3}, Code{4, 3}, Code{5, 3}));

TEST(SpokenValues, OfGroupsAndProfilesAreInMembraneUnits) {
  const Population population{{5, 3}, 4, {0.5F, 1.0F, 2.0F, 4.0F, 0.5F, 1.0F, 2.0F, 4.0F}, {}};
  std::vector<float> row{1.0F, -2.0F, 4.0F, -8.0F, 0.01F, 0.02F, -0.04F, 0.08F};
  const std::vector<float> expected = row;  // in units of the profile each group holds one magnitude
  SpokenValues(population).apply(row.data(), 8);
  for (int j = 0; j < 4; ++j) EXPECT_FLOAT_EQ(row[j], expected[j]);
  for (int j = 4; j < 8; ++j) EXPECT_NEAR(row[j], expected[j], 0.02F * std::abs(expected[j]));
}

TEST(SpokenValues, OfASilentRowAreZero) {
  std::vector<float> row(5, 0.0F);
  SpokenValues({}).apply(row.data(), 5);
  EXPECT_EQ(row, std::vector<float>(5, 0.0F));
}

TEST(SpokenValues, RefuseWhatIsNotFinite) {
  std::vector<float> row{1.0F, std::numeric_limits<float>::infinity()};
  EXPECT_THROW(SpokenValues({}).apply(row.data(), 2), Error);
}

}  // namespace
}  // namespace stac::snn
