#include "stac/runtime/temporal_spike_processor.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "runtime/batches.hpp"
#include "runtime/small_networks.hpp"
#include "stac/error.hpp"
#include "support/random_transformer.hpp"

namespace stac::runtime {
namespace {

using testing::Batch;
using testing::Ids;
using testing::matrix;
using testing::padded;
using testing::Random;
using testing::row;

Ids slice(const Ids& ids, std::int64_t first, std::int64_t count) {
  return {ids.begin() + first, ids.begin() + first + count};
}

const testing::RandomTransformer& small_model() {
  static const auto model = testing::random_transformer(
      {.layers = 2, .heads = 2, .head_dim = 4, .vocab_size = 23, .max_positions = 24, .seed = 4});
  return model;
}

TEST(TemporalSpikeProcessor, AnySplitOfATextGivesTheLogitsOfOneForwardBitForBit) {
  Random random(1);
  for (int trial = 0; trial < 60; ++trial) {
    const snn::Code code{static_cast<int>(1 + random.below(8)), static_cast<int>(2 + random.below(2))};
    TemporalSpikeProcessor whole(testing::spiking(small_model(), code));
    TemporalSpikeProcessor parts(testing::spiking(small_model(), code));
    const Ids text = random.ids(1 + random.below(24), 23);
    const auto length = static_cast<std::int64_t>(text.size());
    std::vector<at::Tensor> logits;
    for (std::int64_t at = 0; at < length;) {
      const std::int64_t count = 1 + random.below(length - at);
      logits.push_back(parts.forward(row(slice(text, at, count))));
      at += count;
      EXPECT_EQ(parts.cached_length(), at);
    }
    EXPECT_TRUE(at::equal(whole.forward(row(text)), at::cat(logits, 1))) << "trial " << trial;
  }
}

// Every row reads its text in random pieces, and the batch pads what does not fit together.
TEST(TemporalSpikeProcessor, ARowOfABatchHasTheLogitsOfThatRowAloneBitForBit) {
  Random random(2);
  for (int trial = 0; trial < 30; ++trial) {
    const std::int64_t rows = 1 + random.below(4);
    TemporalSpikeProcessor together(testing::spiking(small_model()));
    std::vector<TemporalSpikeProcessor> alone;
    for (std::int64_t b = 0; b < rows; ++b) alone.emplace_back(testing::spiking(small_model()));
    for (int turn = 0; turn < 3; ++turn) {
      std::vector<Ids> texts;
      for (std::int64_t b = 0; b < rows; ++b) texts.push_back(random.ids(b == 0 ? 8 : random.below(9), 23));
      const Batch batch = padded(texts);
      const at::Tensor logits = together.forward(batch.ids, batch.mask);
      for (std::int64_t b = 0; b < rows; ++b) {
        const auto count = static_cast<std::int64_t>(texts[b].size());
        EXPECT_EQ(logits[b].narrow(0, 0, 8 - count).abs().sum().item<float>(), 0) << "padding";
        if (count == 0) continue;
        EXPECT_TRUE(at::equal(logits[b].narrow(0, 8 - count, count), alone[b].forward(row(texts[b]))[0]));
        EXPECT_EQ(together.cached_length(std::to_string(b)), alone[b].cached_length());
      }
    }
  }
}

TEST(TemporalSpikeProcessor, EnginesAgreeBitForBit) {
  Random random(3);
  for (int trial = 0; trial < 6; ++trial) {
    const snn::Code code{static_cast<int>(1 + random.below(6)), static_cast<int>(2 + random.below(2))};
    TemporalSpikeProcessor fused(testing::spiking(small_model(), code));
    TemporalSpikeProcessor temporal(testing::spiking(small_model(), code, snn::EngineKind::temporal));
    for (int turn = 0; turn < 2; ++turn) {
      const Ids text = random.ids(5, 23);
      EXPECT_TRUE(at::equal(fused.forward(row(text)), temporal.forward(row(text))));
    }
    EXPECT_EQ(fused.ledger().total(), temporal.ledger().total());
  }
}

// The reference is dense f64 arithmetic that shares no product with the library.
TEST(TemporalSpikeProcessor, ComesToTheDenseModelAsTheCodeGrowsFiner) {
  Random random(4);
  const Ids text = random.ids(20, 23);
  const at::Tensor dense = testing::dense_logits(small_model(), text).to(at::kFloat);
  double coarser = 1e9;
  for (const int timesteps : {4, 8, 14}) {
    TemporalSpikeProcessor spiking(testing::spiking(small_model(), {timesteps, 2}));
    const double error = spiking.forward(row(text))[0].sub(dense).abs().max().item<double>();
    EXPECT_LT(error, coarser / 4) << timesteps;
    coarser = error;
  }
  EXPECT_LT(coarser, 0.01);
}

TEST(TemporalSpikeProcessor, PositionsCountOnAsTransformersGenerateMakesThem) {
  TemporalSpikeProcessor processor(testing::spiking(small_model()));
  EXPECT_FALSE(processor.position_ids().defined());
  Batch batch = padded({{1, 2, 3}, {4}});
  (void)processor.forward(batch.ids, batch.mask);
  EXPECT_TRUE(at::equal(processor.position_ids(), matrix({{0, 1, 2}, {1, 1, 0}})));
  batch = padded({{}, {5, 6}});
  (void)processor.forward(batch.ids, batch.mask.to(at::kBool));
  EXPECT_TRUE(at::equal(processor.position_ids(), matrix({{1, 1}, {1, 2}})));
  EXPECT_EQ(processor.cached_length("0"), 3);
  EXPECT_EQ(processor.cached_length("1"), 3);
  EXPECT_EQ(processor.conversations().size(), 2u);
  EXPECT_EQ(processor.timesteps(), 8);
}

TEST(TemporalSpikeProcessor, WithoutTheCacheEveryForwardStartsAfreshAndChangesNothing) {
  TemporalSpikeProcessor processor(testing::spiking(small_model()));
  const at::Tensor first = processor.forward(row({1, 2}));
  const at::Tensor passing = processor.forward(row({1, 2}), std::nullopt, {}, UseCache::no);
  EXPECT_TRUE(at::equal(first, passing));
  EXPECT_EQ(processor.cached_length(), 2);
  const at::Tensor next = processor.forward(row({3}));
  processor.reset_cache();
  EXPECT_EQ(processor.cached_length(), 0);
  EXPECT_TRUE(at::equal(processor.forward(row({1, 2, 3})).narrow(1, 2, 1), next));
}

TEST(TemporalSpikeProcessor, FillsEveryPositionAndRefusesTheNextTokenUnchanged) {
  TemporalSpikeProcessor processor(testing::spiking(small_model()));
  Random random(5);
  (void)processor.forward(row(random.ids(24, 23)));
  EXPECT_THROW((void)processor.forward(row({1})), Error);
  EXPECT_EQ(processor.cached_length(), 24);
}

// Token 7 alone excites one neuron of the first MLP, whose weights then overflow f32: the second layer cannot go on,
// when the first has cached its keys already.
testing::RandomTransformer with_a_deadly_token() {
  auto m = testing::random_transformer({.layers = 2,
                                        .heads = 2,
                                        .head_dim = 4,
                                        .vocab_size = 23,
                                        .max_positions = 24,
                                        .activation = model::Activation::relu,
                                        .seed = 4});
  m.weights.head = model::held({m.weights.token_embedding.clone(), {}});
  m.weights.token_embedding.select(1, 0).fill_(-1);
  m.weights.token_embedding[7][0] = 1000;
  model::Block block = m.weights.blocks[0];
  block.mlp_norm = {at::ones({8}), at::zeros({8})};
  block.up.weight[0].zero_();
  block.up.weight[0][0] = 10;
  block.up.bias[0] = -20;  // of the at most 26.4 that a norm over 8 channels leaves
  block.down.weight.select(1, 0).fill_(3e38F);
  m.weights.blocks = model::Blocks({block, m.weights.blocks[1]});
  return m;
}

TEST(TemporalSpikeProcessor, AMembraneThatIsNotFiniteLeavesEveryConversationAsItWas) {
  for (const snn::EngineKind kind : {snn::EngineKind::fused, snn::EngineKind::temporal}) {
    const snn::SpikingModel model = testing::spiking(with_a_deadly_token(), {8, 2}, kind);
    TemporalSpikeProcessor processor(model), untouched(model);
    (void)processor.forward(matrix({{1, 2}, {3, 4}}));
    (void)untouched.forward(matrix({{1, 2}, {3, 4}}));
    const std::uint64_t bytes = processor.cached_bytes();
    EXPECT_THROW((void)processor.forward(matrix({{5, 6}, {5, 7}})), Error);
    EXPECT_THROW((void)processor.forward(row({7}), std::nullopt, {"new"}), Error);
    EXPECT_EQ(processor.cached_length("1"), 2);
    EXPECT_EQ(processor.conversations(), untouched.conversations());
    EXPECT_EQ(processor.cached_bytes(), bytes);
    EXPECT_TRUE(at::equal(processor.forward(matrix({{5}, {6}})), untouched.forward(matrix({{5}, {6}}))));
  }
}

TEST(TemporalSpikeProcessor, ARefusedRowLeavesAllRowsAsTheyWere) {
  TemporalSpikeProcessor processor(testing::spiking(small_model()));
  TemporalSpikeProcessor untouched(testing::spiking(small_model()));
  const at::Tensor start = matrix({{1, 2}, {3, 4}});
  (void)processor.forward(start);
  (void)untouched.forward(start);
  EXPECT_THROW((void)processor.forward(matrix({{1}, {23}})), Error);
  const at::Tensor next = matrix({{5}, {6}});
  EXPECT_TRUE(at::equal(processor.forward(next), untouched.forward(next)));
}

TEST(TemporalSpikeProcessor, RefusesWrongTypesShapesAndMasks) {
  TemporalSpikeProcessor processor(testing::spiking(small_model()));
  const at::Tensor ids = matrix({{1, 2, 3}});
  EXPECT_THROW((void)processor.forward(at::Tensor()), Error);
  EXPECT_THROW((void)processor.forward(ids.to(at::kInt)), Error);
  EXPECT_THROW((void)processor.forward(ids[0]), Error);
  EXPECT_THROW((void)processor.forward(at::zeros({0, 3}, at::kLong)), Error);
  EXPECT_THROW((void)processor.forward(at::zeros({1, 0}, at::kLong)), Error);
  EXPECT_THROW((void)processor.forward(ids, matrix({{1, 1}})), Error);
  EXPECT_THROW((void)processor.forward(ids, matrix({{1, 0, 1}})), Error);
  EXPECT_THROW((void)processor.forward(ids, matrix({{1, 1, 0}})), Error);
  EXPECT_THROW((void)processor.forward(ids, matrix({{0, 2, 1}})), Error);
  EXPECT_THROW((void)processor.forward(ids, at::ones({1, 3})), Error);
  EXPECT_THROW((void)processor.forward(ids, std::nullopt, {"a", "b"}), Error);
  EXPECT_THROW((void)processor.forward(at::cat({ids, ids}), std::nullopt, {"a", "a"}), Error);
  EXPECT_TRUE(processor.conversations().empty());
  (void)processor.forward(ids);
  EXPECT_THROW((void)processor.forward(ids, matrix({{1, 1, 0, 1, 1, 1}})), Error);
  EXPECT_THROW((void)processor.forward(ids, matrix({{0, 1, 1, 1, 1, 1}})), Error);
  EXPECT_THROW((void)processor.forward(ids, matrix({{1, 1, 1, 1}})), Error);
  EXPECT_EQ(processor.cached_length(), 3);
}

}  // namespace
}  // namespace stac::runtime
