#include "stac/snn/spoken_values.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "stac/error.hpp"

namespace stac::snn {
namespace {

class SpokenValuesOfEveryCode : public ::testing::TestWithParam<PhaseCode> {};

TEST_P(SpokenValuesOfEveryCode, EqualTheDecodedTrainsOfSimulatedNeurons) {
  const PhaseCode code = GetParam();
  const SpokenValues spoken(code);
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0.0F, 2.0F);
  for (int round = 0; round < 40; ++round) {
    std::vector<float> row(33);
    for (float& v : row) v = normal(random);
    float largest = 0.0F;
    for (const float v : row) largest = std::max(largest, std::abs(v));
    const float scale = adaptive_scale(code, largest);
    std::vector<float> expected;
    for (const float v : row) {
      expected.push_back(static_cast<float>(decode(code, simulate_window(code, v / scale))) * scale);
    }
    spoken.apply(row.data(), static_cast<std::int64_t>(row.size()));
    EXPECT_EQ(row, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, SpokenValuesOfEveryCode,
                         ::testing::Values(PhaseCode{1, 2}, PhaseCode{3, 2}, PhaseCode{8, 2}, PhaseCode{1, 3},
                                           PhaseCode{4, 3}, PhaseCode{5, 3}));

TEST(SpokenValues, OfASilentRowAreZero) {
  std::vector<float> row(5, 0.0F);
  SpokenValues({8, 2}).apply(row.data(), 5);
  EXPECT_EQ(row, std::vector<float>(5, 0.0F));
}

TEST(SpokenValues, RefuseWhatIsNotFinite) {
  std::vector<float> row{1.0F, std::numeric_limits<float>::infinity()};
  EXPECT_THROW(SpokenValues({8, 2}).apply(row.data(), 2), Error);
}

}  // namespace
}  // namespace stac::snn
