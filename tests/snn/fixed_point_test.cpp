#include "stac/snn/fixed_point.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

namespace stac::snn {
namespace {

TEST(FixedPoint, KeepsEveryWeightWithinHalfAStepOfItsRow) {
  torch::manual_seed(3);
  const at::Tensor weight = torch::randn({37, 51}) * torch::randn({37, 1}).exp();
  const at::Tensor gain = torch::randn({51}, torch::kDouble);
  const std::vector<double> gains(gain.data_ptr<double>(), gain.data_ptr<double>() + 51);
  const FixedPointMatrix fixed = to_fixed_point(weight, gains, 30);
  for (std::int64_t i = 0; i < fixed.rows; ++i) {
    for (std::int64_t j = 0; j < fixed.columns; ++j) {
      const double wanted = weight[i][j].item<double>() * gain[j].item<double>();
      const double step = fixed.unit[i];
      const std::int32_t mantissa = fixed.mantissa[i * fixed.columns + j];
      ASSERT_LE(std::abs(mantissa * step - wanted), step / 2);
      ASSERT_LT(std::abs(mantissa), 1 << 30);
    }
  }
}

TEST(FixedPoint, UsesTheWholeMantissaOfTheLargestWeight) {
  const FixedPointMatrix fixed = to_fixed_point(torch::tensor({{0.75F, -0.25F}}), {}, 30);
  EXPECT_GE(std::abs(fixed.mantissa[0]), 1 << 29);
}

TEST(FixedPoint, HoldsF32WeightsExactlyWithin128OfTheLargest) {
  const float small = std::nextafter(1.0F / 64, 1.0F);
  const FixedPointMatrix fixed = to_fixed_point(torch::tensor({{1.0F, small}}), {}, 30);
  EXPECT_EQ(fixed.mantissa[1] * fixed.unit[0], static_cast<double>(small));
}

TEST(FixedPoint, SurvivesRowsOfZeros) {
  const FixedPointMatrix fixed = to_fixed_point(torch::zeros({2, 3}), {}, 30);
  for (std::int64_t i = 0; i < fixed.mantissa.size(); ++i) EXPECT_EQ(fixed.mantissa[i], 0);
}

TEST(Mantissas, OfBytesAreWhatTheSameAreOfThirtyTwoBits) {
  const std::vector<std::int32_t> numbers{-127, 0, 5, 127, -1, 64};
  const Mantissas wide(numbers), bytes(torch::tensor(numbers).to(torch::kChar).view({2, 3}));
  ASSERT_EQ(bytes.size(), wide.size());
  for (std::int64_t i = 0; i < wide.size(); ++i) EXPECT_EQ(bytes[i], wide[i]);
  EXPECT_EQ(bytes.tensor().scalar_type(), torch::kChar);
  EXPECT_EQ(wide.tensor().scalar_type(), torch::kInt);
  EXPECT_TRUE(bytes.tensor().equal(wide.tensor().to(torch::kChar)));
}

TEST(FixedPoint, NarrowsMantissasWhereSumsCouldOverflow) {
  EXPECT_EQ(exact_bits(768, 255), 30);
  EXPECT_EQ(exact_bits(3072, 65535), 30);
  for (const std::int64_t terms : {64, 3072, 131072}) {
    for (const std::int64_t scale : {255LL, 65535LL, (1LL << 24) - 1}) {
      const long double largest = static_cast<long double>(terms) * scale * std::ldexp(1.0L, exact_bits(terms, scale));
      EXPECT_LT(largest, std::ldexp(1.0L, 63));
      EXPECT_GE(exact_bits(terms, scale), 21);
    }
  }
}

TEST(FixedPoint, MantissasSaturateInsteadOfWrapping) {
  EXPECT_EQ(to_mantissa(1e30, 0, 30), (1 << 30) - 1);
  EXPECT_EQ(to_mantissa(-1e30, 0, 30), -((1 << 30) - 1));
  EXPECT_EQ(to_mantissa(2.5, -1, 30), 5);
}

}  // namespace
}  // namespace stac::snn
