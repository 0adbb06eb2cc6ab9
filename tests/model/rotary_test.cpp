#include "stac/model/rotary.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace stac::model {
namespace {

double length(double a, double b) { return std::sqrt(a * a + b * b); }

TEST(Rotary, TurnsThePairsByPositionTimesFrequency) {
  const Rotation rotation({}, 8, 10);
  EXPECT_FLOAT_EQ(rotation.frequencies()[0], 1.0F);
  EXPECT_FLOAT_EQ(rotation.frequencies()[2], 0.01F);  // 10000^(-4/8)
  std::vector<float> cosines(4), sines(4), head{3, 0, 0, 0, 4, 0, 0, 0};
  rotation.at(2, cosines.data(), sines.data());
  rotate(head.data(), 4, cosines.data(), sines.data());
  EXPECT_NEAR(head[0], 3 * std::cos(2.0) - 4 * std::sin(2.0), 1e-6);
  EXPECT_NEAR(head[4], 4 * std::cos(2.0) + 3 * std::sin(2.0), 1e-6);
}

TEST(Rotary, KeepsThePairsLengthAndTheAngleBetweenTwoPositions) {
  const Rotation rotation({}, 4, 100);
  const auto turned = [&](std::int64_t position, std::vector<float> head) {
    std::vector<float> cosines(2), sines(2);
    rotation.at(position, cosines.data(), sines.data());
    rotate(head.data(), 2, cosines.data(), sines.data());
    return head;
  };
  const auto product = [](const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
  };
  const std::vector<float> query{0.3F, -1.2F, 2.0F, 0.7F}, key{-0.4F, 1.0F, 0.1F, 0.9F};
  EXPECT_NEAR(length(turned(37, query)[0], turned(37, query)[2]), length(0.3, 2.0), 1e-6);
  EXPECT_NEAR(product(turned(40, query), turned(37, key)), product(turned(63, query), turned(60, key)), 1e-5);
}

TEST(Rotary, DynamicAnglesChangeBeyondTheOriginalContextOnly) {
  const RotaryPositions dynamic{RopeScaling::dynamic, 10000.0, 4.0, 16};
  EXPECT_EQ(Rotation(dynamic, 8, 3).frequencies(), Rotation(dynamic, 8, 16).frequencies());
  EXPECT_EQ(Rotation(dynamic, 8, 16).frequencies(), Rotation({}, 8, 16).frequencies());
  EXPECT_NE(Rotation(dynamic, 8, 17).frequencies(), Rotation(dynamic, 8, 18).frequencies());
  EXPECT_FALSE(changes_angles(dynamic, 16));
  EXPECT_TRUE(changes_angles(dynamic, 17));
  EXPECT_FALSE(changes_angles({RopeScaling::linear, 10000.0, 4.0, 16}, 17));
}

TEST(Rotary, YarnMultipliesCosinesAndSines) {
  RotaryPositions yarn{RopeScaling::yarn, 10000.0, 4.0, 16};
  yarn.amplitude = 1.5;
  std::vector<float> cosines(4), sines(4);
  Rotation(yarn, 8, 20).at(11, cosines.data(), sines.data());
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(length(cosines[i], sines[i]), 1.5, 1e-6);
}

}  // namespace
}  // namespace stac::model
