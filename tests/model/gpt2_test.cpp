#include "stac/model/gpt2.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "model/goldens.hpp"
#include "stac/error.hpp"

namespace stac::model {
namespace {

constexpr double kTolerance = 1e-4;

double largest_difference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

/// Largest difference over the positions that are not pads.
double difference_without_pads(const at::Tensor& a, const at::Tensor& b, const at::Tensor& mask) {
  return ((a - b).abs().amax(-1) * mask.to(at::kFloat)).max().item<double>();
}

class Gpt2Golden : public ::testing::TestWithParam<std::string> {};

TEST_P(Gpt2Golden, PrefillEqualsTransformers) {
  const Golden golden(GetParam());
  EXPECT_TRUE(golden.weights.surplus.empty());
  const at::Tensor logits =
      golden.model.network()->forward({golden.tensor("input_ids"), {}, {}}, nullptr, LogitRows::all);
  EXPECT_LT(largest_difference(logits, golden.tensor("logits")), kTolerance);
}

TEST_P(Gpt2Golden, TokenByTokenDecodeEqualsTransformers) {
  const Golden golden(GetParam());
  const at::Tensor ids = golden.tensor("input_ids"), wanted = golden.tensor("logits");
  KvCache cache(golden.config.layers);
  for (std::int64_t position = 0; position < ids.size(1); ++position) {
    const at::Tensor logits =
        golden.model.network()->forward({ids.narrow(1, position, 1), {}, {}}, &cache, LogitRows::last);
    EXPECT_LT(largest_difference(logits, wanted.narrow(1, position, 1)), kTolerance) << position;
  }
}

TEST_P(Gpt2Golden, ChunksBehindACacheEqualTransformers) {
  const Golden golden(GetParam());
  const at::Tensor ids = golden.tensor("input_ids"), wanted = golden.tensor("logits");
  KvCache cache(golden.config.layers);
  std::int64_t begin = 0;
  for (const std::int64_t size : {7, 1, 12}) {
    const at::Tensor logits =
        golden.model.network()->forward({ids.narrow(1, begin, size), {}, {}}, &cache, LogitRows::all);
    EXPECT_LT(largest_difference(logits, wanted.narrow(1, begin, size)), kTolerance) << begin;
    begin += size;
  }
  EXPECT_EQ(cache.length(), 20);
}

TEST_P(Gpt2Golden, LeftPaddedBatchEqualsTransformers) {
  const Golden golden(GetParam());
  const at::Tensor mask = golden.tensor("batch_mask"), wanted = golden.tensor("batch_logits");
  const DenseInput given{golden.tensor("batch_ids"), mask, golden.tensor("batch_positions")};
  const at::Tensor logits = golden.model.network()->forward(given, nullptr, LogitRows::all);
  EXPECT_LT(difference_without_pads(logits, wanted, mask), kTolerance);
  EXPECT_TRUE(at::isfinite(logits).all().item<bool>());

  const DenseInput without_positions{given.input_ids, mask, {}};
  EXPECT_TRUE(at::equal(golden.model.network()->forward(without_positions, nullptr, LogitRows::all), logits));
}

TEST_P(Gpt2Golden, LeftPaddedBatchDecodesBehindACache) {
  const Golden golden(GetParam());
  const at::Tensor ids = golden.tensor("batch_ids"), mask = golden.tensor("batch_mask");
  const at::Tensor wanted = golden.tensor("batch_logits");
  KvCache cache(golden.config.layers);
  for (std::int64_t position = 0; position < ids.size(1); ++position) {
    const DenseInput input{ids.narrow(1, position, 1), mask.narrow(1, 0, position + 1), {}};
    const at::Tensor logits = golden.model.network()->forward(input, &cache, LogitRows::last);
    EXPECT_LT(difference_without_pads(logits, wanted.narrow(1, position, 1), mask.narrow(1, position, 1)), kTolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryConfiguration, Gpt2Golden, ::testing::ValuesIn(golden_names()),
                         [](const auto& configuration) { return configuration.param; });

TEST(Gpt2, ExplicitPositionsAreUsed) {
  const Golden golden("plain");
  const at::Tensor ids = golden.tensor("input_ids").narrow(1, 0, 3);
  const auto logits = [&](const at::Tensor& positions) {
    return golden.model.network()->forward({ids, {}, positions}, nullptr, LogitRows::all);
  };
  EXPECT_TRUE(at::equal(logits(at::arange(3).view({1, 3})), logits({})));
  EXPECT_GT(largest_difference(logits(at::arange(5, 8).view({1, 3})), logits({})), 1e-2);
}

TEST(Gpt2, RefusesInputThatDoesNotFitAndLeavesTheCacheAlone) {
  const Golden golden("plain");
  KvCache cache(golden.config.layers);
  const auto forward = [&](const DenseInput& input) {
    static_cast<void>(golden.model.network()->forward(input, &cache, LogitRows::all));
  };
  forward({golden.tensor("input_ids"), {}, {}});
  EXPECT_THROW(forward({at::full({1, 1}, 97, at::kLong), {}, {}}), Error);
  EXPECT_THROW(forward({at::full({1, 1}, -1, at::kLong), {}, {}}), Error);
  EXPECT_THROW(forward({at::zeros({1, 29}, at::kLong), {}, {}}), Error);  // 20 + 29 > 48 positions
  EXPECT_THROW(forward({at::zeros({1, 1}, at::kLong), {}, at::full({1, 1}, 48, at::kLong)}), Error);
  EXPECT_THROW(forward({at::zeros({1, 1}, at::kLong), at::ones({1, 20}), {}}), std::invalid_argument);
  EXPECT_THROW(forward({at::zeros({2, 1}, at::kLong), {}, {}}), std::invalid_argument);  // another batch
  EXPECT_THROW(forward({at::zeros({1, 0}, at::kLong), {}, {}}), std::invalid_argument);
  EXPECT_THROW(forward({at::zeros({1, 1}, at::kInt), {}, {}}), std::invalid_argument);
  EXPECT_EQ(cache.length(), 20);
}

}  // namespace
}  // namespace stac::model
