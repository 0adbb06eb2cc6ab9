#include "stac/snn/folding.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "stac/model/rotary.hpp"

namespace stac::snn {
namespace {

constexpr std::int64_t kWidth = 16;
constexpr int kBits = 20;

/// Two keys that add up all inputs, in the pair that rotary positions turn.
SpikingLinear summing_keys(double factor) {
  return fold({at::full({2, kWidth}, factor), {}}, {}, {Code{1, 2}}, {0, Site::query_key_value});
}

/// A row of a norm's length that one timestep decodes to its largest membrane everywhere: nearly twice its length.
std::vector<float> doubled_row() {
  std::vector<float> row(kWidth, 0.51F);
  row[0] = 1.0F;
  double squares = 0;
  for (const float value : row) squares += static_cast<double>(value * value);
  for (float& value : row) value *= static_cast<float>(std::sqrt(static_cast<double>(kWidth) / squares));
  return row;
}

double limit(int exponent) { return std::ldexp(1.0, exponent + kBits); }

TEST(HeadExponents, HoldWhatTheWorstRowDelivers) {
  for (double factor = 1.0; factor < 2.0; factor += 0.01) {
    const SpikingLinear keys = summing_keys(factor);
    const std::vector<float> row = doubled_row();
    float key[2];
    make_engine(EngineKind::temporal)->projection(keys)->run(row.data(), 1, key);
    EXPECT_LT(std::abs(static_cast<double>(key[0])), limit(head_exponents(keys, 0, 1, 2, kBits)[0])) << factor;
  }
}

TEST(HeadExponents, HoldTurnedKeysWhichMayBeLongerThanAnyUnturnedOne) {
  const std::vector<float> row = doubled_row();
  const double eighth = std::numbers::pi / 4;
  const auto cosine = static_cast<float>(std::cos(eighth)), sine = static_cast<float>(std::sin(eighth));
  int too_long_for_the_plain_grid = 0;
  for (double factor = 1.0; factor < 2.0; factor += 0.01) {
    for (const float amplitude : {1.0F, 1.3F}) {
      const SpikingLinear keys = summing_keys(factor);
      float key[2];
      make_engine(EngineKind::temporal)->projection(keys)->run(row.data(), 1, key);
      const float cosines = amplitude * cosine, sines = amplitude * sine;
      model::rotate(key, 1, &cosines, &sines);
      const double longest = std::max(std::abs(static_cast<double>(key[0])), std::abs(static_cast<double>(key[1])));
      EXPECT_LT(longest, limit(turned_head_exponents(keys, 0, 1, 2, kBits, static_cast<double>(amplitude))[0]));
      too_long_for_the_plain_grid += longest >= limit(head_exponents(keys, 0, 1, 2, kBits)[0]);
    }
  }
  EXPECT_GT(too_long_for_the_plain_grid, 0);
}

TEST(HeadExponents, EachHeadHasItsOwn) {
  const at::Tensor small = at::ones({2, kWidth}), large = at::full({2, kWidth}, 32.0);
  const SpikingLinear keys = fold({at::cat({small, large, small}), {}}, {}, {Code{1, 2}}, {0, Site::query_key_value});
  const std::vector<int> plain = head_exponents(keys, 2, 2, 2, kBits);
  EXPECT_EQ(plain[0], plain[1] + 5);
  const std::vector<int> turned = turned_head_exponents(keys, 0, 2, 2, kBits, 1.0);
  EXPECT_EQ(turned[1], turned[0] + 5);
}

TEST(Readers, AGateSpikesTogetherWithTheUps) {
  model::Block block;
  block.up = {at::ones({3, 2}), {}};
  block.mlp_norm = {at::full({2}, 5.0F), {}};
  EXPECT_EQ(readers(block, Site::up).size(), 1U);
  block.gate = {at::zeros({3, 2}), {}};
  const model::Projection both = stack(readers(block, Site::up));
  EXPECT_TRUE(at::equal(both.weight, at::cat({block.gate.weight, block.up.weight})));
  EXPECT_TRUE(at::equal(norm_before(block, Site::up).weight, block.mlp_norm.weight));
  EXPECT_FALSE(norm_before(block, Site::down).weight.defined());
  EXPECT_THROW(static_cast<void>(readers(block, Site::mix)), std::invalid_argument);
}

}  // namespace
}  // namespace stac::snn
