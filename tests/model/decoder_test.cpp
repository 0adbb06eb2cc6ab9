#include "stac/model/decoder.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "stac/error.hpp"
#include "support/goldens.hpp"

namespace stac::model {
namespace {

double largest_difference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

/// Largest difference over the positions that are not pads.
double difference_without_pads(const at::Tensor& a, const at::Tensor& b, const at::Tensor& mask) {
  return ((a - b).abs().amax(-1) * mask.to(at::kFloat)).max().item<double>();
}

class DecoderGolden : public ::testing::TestWithParam<std::string> {};

TEST_P(DecoderGolden, PrefillEqualsTransformers) {
  const Golden golden(GetParam());
  EXPECT_TRUE(golden.weights.surplus.empty());
  const at::Tensor logits =
      golden.model.network()->forward({golden.tensor("input_ids"), {}, {}}, nullptr, LogitRows::all);
  EXPECT_LT(largest_difference(logits, golden.tensor("logits")), golden.tolerance());
}

std::vector<std::int64_t> ids_of(const Golden& golden) {
  const at::Tensor ids = golden.tensor("input_ids").contiguous();
  return {ids.data_ptr<std::int64_t>(), ids.data_ptr<std::int64_t>() + ids.numel()};
}

TEST_P(DecoderGolden, TokenByTokenDecodeEqualsTransformers) {
  const Golden golden(GetParam());
  const std::vector<std::int64_t> ids = ids_of(golden);
  const at::Tensor wanted = golden.decode_logits()[0];
  const auto sequence = golden.model.start();
  for (std::size_t position = 0; position < ids.size(); ++position) {
    const at::Tensor logits = sequence->append(std::span(ids).subspan(position, 1), LogitRows::last);
    EXPECT_LT(largest_difference(logits[0], wanted[static_cast<std::int64_t>(position)]), golden.tolerance())
        << position;
  }
}

TEST_P(DecoderGolden, ChunksEqualTransformers) {
  const Golden golden(GetParam());
  const std::vector<std::int64_t> ids = ids_of(golden);
  const auto sequence = golden.model.start();
  std::size_t begin = 0;
  for (const std::size_t size : {std::size_t{7}, std::size_t{1}, ids.size() - 8}) {
    const at::Tensor logits = sequence->append(std::span(ids).subspan(begin, size), LogitRows::all);
    EXPECT_EQ(logits.size(0), static_cast<std::int64_t>(size));
    const at::Tensor wanted = begin + size < ids.size() ? golden.decode_logits() : golden.tensor("logits");
    EXPECT_LT(largest_difference(
                  logits, wanted[0].narrow(0, static_cast<std::int64_t>(begin), static_cast<std::int64_t>(size))),
              golden.tolerance())
        << begin;
    begin += size;
  }
  EXPECT_EQ(sequence->length(), static_cast<std::int64_t>(ids.size()));
}

TEST_P(DecoderGolden, LeftPaddedBatchEqualsTransformers) {
  const Golden golden(GetParam());
  const at::Tensor mask = golden.tensor("batch_mask"), wanted = golden.tensor("batch_logits");
  const DenseInput given{golden.tensor("batch_ids"), mask, golden.tensor("batch_positions")};
  const at::Tensor logits = golden.model.network()->forward(given, nullptr, LogitRows::all);
  EXPECT_LT(difference_without_pads(logits, wanted, mask), golden.tolerance());
  EXPECT_TRUE(at::isfinite(logits).all().item<bool>());

  const DenseInput without_positions{given.input_ids, mask, {}};
  EXPECT_TRUE(at::equal(golden.model.network()->forward(without_positions, nullptr, LogitRows::all), logits));
}

TEST_P(DecoderGolden, LeftPaddedBatchDecodesBehindACache) {
  const Golden golden(GetParam());
  const at::Tensor ids = golden.tensor("batch_ids"), mask = golden.tensor("batch_mask");
  const at::Tensor wanted = golden.tensor("batch_logits");
  KvCache cache(golden.config.layers);
  for (std::int64_t position = 0; position < ids.size(1); ++position) {
    const DenseInput input{ids.narrow(1, position, 1), mask.narrow(1, 0, position + 1), {}};
    const at::Tensor logits = golden.model.network()->forward(input, &cache, LogitRows::last);
    EXPECT_LT(difference_without_pads(logits, wanted.narrow(1, position, 1), mask.narrow(1, position, 1)),
              golden.tolerance());
  }
}

INSTANTIATE_TEST_SUITE_P(EveryConfiguration, DecoderGolden, ::testing::ValuesIn(golden_names()),
                         [](const auto& configuration) { return configuration.param; });

TEST(Decoder, GoldensOfScaledPositionsReachBeyondTheOriginalContext) {
  for (const std::string name : {"llama_linear", "llama_dynamic", "llama_yarn", "llama_llama3", "qwen2_yarn"}) {
    const Golden golden(name);
    EXPECT_GT(golden.tensor("input_ids").size(1), golden.config.rotary->original_positions) << name;
    EXPECT_EQ(golden.config.max_positions, 64) << name;
  }
}

TEST(Decoder, ReadingOnWithDynamicPositionsBeyondTheOriginalContextNeedsTheWholeText) {
  const Golden golden("llama_dynamic");
  KvCache cache(golden.config.layers);
  const at::Tensor ids = golden.tensor("input_ids");
  const auto forward = [&](std::int64_t first, std::int64_t count) {
    static_cast<void>(golden.model.network()->forward({ids.narrow(1, first, count), {}, {}}, &cache, LogitRows::all));
  };
  forward(0, 12);
  forward(12, 4);
  EXPECT_THROW(forward(16, 1), std::invalid_argument);
  EXPECT_EQ(cache.length(), 16);
}

TEST(Decoder, ExplicitPositionsAreUsed) {
  const Golden golden("plain");
  const at::Tensor ids = golden.tensor("input_ids").narrow(1, 0, 3);
  const auto logits = [&](const at::Tensor& positions) {
    return golden.model.network()->forward({ids, {}, positions}, nullptr, LogitRows::all);
  };
  EXPECT_TRUE(at::equal(logits(at::arange(3).view({1, 3})), logits({})));
  EXPECT_GT(largest_difference(logits(at::arange(5, 8).view({1, 3})), logits({})), 1e-2);
}

TEST(Decoder, RefusesInputThatDoesNotFitAndLeavesTheCacheAlone) {
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
