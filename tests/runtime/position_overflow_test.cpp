// Beyond the last position: refused, clamped, or shifted.
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/batches.hpp"
#include "runtime/small_networks.hpp"
#include "stac/error.hpp"
#include "stac/runtime/temporal_spike_processor.hpp"

namespace stac::runtime {
namespace {

using ::testing::HasSubstr;
using testing::Ids;
using testing::Random;
using testing::row;

constexpr std::int64_t kPositions = 12, kBeyond = 9, kVocabulary = 23;

// A clamped model is a longer one whose surplus positions all say what the last one says, and that sees as many tokens.
TEST(PositionOverflow, ClampedLearnedPositionsAreAPositionTableThatEndsInRepetitions) {
  const auto clamped = testing::random_transformer(
      {.layers = 2, .heads = 2, .head_dim = 4, .vocab_size = kVocabulary, .max_positions = kPositions, .seed = 3});
  testing::RandomTransformer longer = clamped;
  const at::Tensor& table = clamped.weights.position_embedding;
  longer.weights.position_embedding = at::cat({table, table.narrow(0, kPositions - 1, 1).expand({kBeyond, -1})});
  longer.config.max_positions = kPositions + kBeyond;
  longer.config.sliding_window = kPositions;
  Random random(1);
  for (const snn::EngineKind kind : {snn::EngineKind::fused, snn::EngineKind::temporal}) {
    for (int trial = 0; trial < 20; ++trial) {
      const Ids text = random.ids(kPositions + 1 + random.below(kBeyond), kVocabulary);
      TemporalSpikeProcessor processor(testing::spiking(clamped, {8, 2}, kind),
                                       {.position_overflow = PositionOverflow::clamp});
      const at::Tensor expected = TemporalSpikeProcessor(testing::spiking(longer, {8, 2}, kind)).forward(row(text));
      const auto half = static_cast<std::ptrdiff_t>(random.below(static_cast<std::int64_t>(text.size())) + 1);
      at::Tensor actual = processor.forward(row({text.begin(), text.begin() + half}));
      if (half < static_cast<std::ptrdiff_t>(text.size())) {
        actual = at::cat({actual, processor.forward(row({text.begin() + half, text.end()}))}, 1);
      }
      ASSERT_TRUE(at::equal(actual, expected)) << trial;
      ASSERT_LE(processor.position_ids().max().item<std::int64_t>(), kPositions - 1);
      ASSERT_EQ(processor.cached_length(), static_cast<std::int64_t>(text.size()));
      ASSERT_EQ(processor.ledger().coverage(), 1.0);
    }
  }
}

TEST(PositionOverflow, ClampedRotaryPositionsSplitAsTheyPlease) {
  const auto model = testing::spiking(testing::random_llama({.vocab_size = kVocabulary, .max_positions = kPositions}));
  Random random(2);
  for (int trial = 0; trial < 20; ++trial) {
    const Ids text = random.ids(kPositions + kBeyond, kVocabulary);
    TemporalSpikeProcessor whole(model, {.position_overflow = PositionOverflow::clamp});
    TemporalSpikeProcessor single(model, {.position_overflow = PositionOverflow::clamp});
    std::vector<at::Tensor> logits;
    for (const std::int64_t id : text) logits.push_back(single.forward(row({id})));
    ASSERT_TRUE(at::equal(whole.forward(row(text)), at::cat(logits, 1)));
    EXPECT_EQ(whole.position_ids().max().item<std::int64_t>(), kPositions - 1);
  }
}

// In one layer a key and a value depend on their own token alone: turned to its new position, the cache is that of a
// fresh reading, but for the rounding of f32 and of the keys' grid.
TEST(PositionOverflow, AShiftOfOneLayerIsAFreshReadingOfTheKeptText) {
  const auto llama = testing::random_llama({.layers = 1, .vocab_size = kVocabulary, .max_positions = 40});
  Random random(3);
  for (const snn::EngineKind kind : {snn::EngineKind::fused, snn::EngineKind::temporal}) {
    const auto model = testing::spiking(llama, {14, 2}, kind);
    for (int trial = 0; trial < 20; ++trial) {
      const Ids text = random.ids(20 + random.below(15), kVocabulary), more = random.ids(4, kVocabulary);
      const auto size = static_cast<std::int64_t>(text.size());
      const std::int64_t first = random.below(8), count = 1 + random.below(size - first - 1);
      TemporalSpikeProcessor shifted(model), fresh(model);
      (void)shifted.forward(row(text));
      shifted.shift("0", first, count);
      EXPECT_EQ(shifted.cached_length(), size - count);
      Ids kept = text;
      kept.erase(kept.begin() + first, kept.begin() + first + count);
      (void)fresh.forward(row(kept));
      const at::Tensor expected = fresh.forward(row(more));
      const at::Tensor actual = shifted.forward(row(more));
      EXPECT_LT((actual - expected).abs().max().item<float>(), 0.02) << trial;
      EXPECT_TRUE(at::equal(shifted.position_ids(), fresh.position_ids()));
    }
  }
}

TEST(PositionOverflow, AShiftOfTwoLayersRemembersWhatWasDropped) {
  const auto model = testing::spiking(testing::random_llama({.vocab_size = kVocabulary, .max_positions = 40}));
  TemporalSpikeProcessor shifted(model), fresh(model);
  Random random(4);
  const Ids text = random.ids(30, kVocabulary);
  (void)shifted.forward(row(text));
  shifted.shift("0", 0, 10);
  (void)fresh.forward(row({text.begin() + 10, text.end()}));
  EXPECT_FALSE(at::equal(shifted.forward(row({1})), fresh.forward(row({1})))) << "an approximation, and called so";
}

TEST(PositionOverflow, WhatCannotBeShiftedIsRefusedWithTheWayOut) {
  TemporalSpikeProcessor learned(testing::small_networks()[0].model);
  (void)learned.forward(row({1, 2, 3}));
  try {
    learned.shift("0", 0, 1);
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("learned"));
    EXPECT_THAT(error.hint(), HasSubstr("turns"));
  }
  EXPECT_EQ(learned.cached_length(), 3);
  testing::RandomTransformer dynamic = testing::random_llama({.vocab_size = kVocabulary});
  dynamic.config.rotary->scaling = model::RopeScaling::dynamic;
  dynamic.config.rotary->original_positions = 8;
  TemporalSpikeProcessor stretched(testing::spiking(dynamic));
  (void)stretched.forward(row({1, 2, 3}));
  EXPECT_THROW(stretched.shift("0", 0, 1), UsageError);
  TemporalSpikeProcessor rotary(testing::spiking(testing::random_llama({.vocab_size = kVocabulary})));
  (void)rotary.forward(row({1, 2, 3}));
  EXPECT_THROW(rotary.shift("0", 2, 2), Error) << "there is no fourth token";
  EXPECT_THROW(rotary.shift("other", 0, 1), Error);
}

// Beyond their original context, dynamic positions turn what is cached by the angles of the longer text.
TEST(PositionOverflow, ATruncatedTextOfDynamicPositionsIsReadAgain) {
  testing::RandomTransformer dynamic = testing::random_llama({.vocab_size = kVocabulary});
  dynamic.config.rotary->scaling = model::RopeScaling::dynamic;
  dynamic.config.rotary->factor = 2.0;
  dynamic.config.rotary->original_positions = 8;
  TemporalSpikeProcessor processor(testing::spiking(dynamic));
  (void)processor.forward(row({1, 2, 3, 4, 5}));
  processor.truncate("0", 3);
  EXPECT_EQ(processor.cached_length(), 3) << "within the original context nothing is void";
  (void)processor.forward(row({4, 5, 6, 7, 8, 9}));
  processor.truncate("0", 5);
  EXPECT_EQ(processor.cached_length(), 0);
}

TEST(PositionOverflow, RetargetingMakesTheNetworkOfTheOtherCodeAndForgetsWhatWasCached) {
  const auto transformer = testing::random_llama({.vocab_size = kVocabulary});
  const auto retarget = [&](int timesteps) { return testing::spiking(transformer, {timesteps, 2}); };
  TemporalSpikeProcessor processor(retarget(8), {.retarget = retarget});
  (void)processor.forward(row({1, 2, 3}));
  processor.calibrate_timesteps(5);
  EXPECT_EQ(processor.timesteps(), 5);
  EXPECT_EQ(processor.cached_length(), 0);
  EXPECT_EQ(processor.ledger().total(), snn::SiteCounts{});
  EXPECT_TRUE(
      at::equal(processor.forward(row({1, 2, 3})), TemporalSpikeProcessor(retarget(5)).forward(row({1, 2, 3}))));
  TemporalSpikeProcessor fixed(retarget(8));
  EXPECT_THROW(fixed.calibrate_timesteps(5), Error);
  EXPECT_EQ(fixed.timesteps(), 8);
}

TEST(PositionOverflow, ABudgetHoldsAsManyTokensAsItSaysHoweverTheyAreRead) {
  const auto transformer = testing::random_llama({.vocab_size = kVocabulary, .max_positions = 700});
  for (const snn::EngineKind kind : {snn::EngineKind::fused, snn::EngineKind::temporal}) {
    const auto model = testing::spiking(transformer, {2, 2}, kind);
    TemporalSpikeProcessor processor(model, {.kv_budget_bytes = model.network().new_state().bytes_after(400)});
    const std::int64_t held = processor.tokens_within_budget(model.config().max_positions).value();
    EXPECT_GE(held, 250);
    EXPECT_LE(held, 448);
    for (std::int64_t i = 0; i < held; ++i) (void)processor.forward(row({i % kVocabulary}));
    EXPECT_EQ(processor.cached_length(), held);
    EXPECT_FALSE(TemporalSpikeProcessor(model).tokens_within_budget(8));
  }
}

// Amortised O(1): the room changes a logarithmic number of times, and is never much more than what is held.
TEST(PositionOverflow, RoomGrowsInBlocksAndSeldom) {
  const auto transformer = testing::random_llama({.vocab_size = kVocabulary, .max_positions = 2000});
  for (const snn::EngineKind kind : {snn::EngineKind::fused, snn::EngineKind::temporal}) {
    TemporalSpikeProcessor processor(testing::spiking(transformer, {1, 2}, kind));
    int changes = 0;
    std::uint64_t before = 0, token = 0;
    for (std::int64_t i = 0; i < 1500; ++i) {
      (void)processor.forward(row({i % kVocabulary}));
      const std::uint64_t now = processor.cached_bytes();
      if (i == 0) token = now / 64;  // the first block's
      if (now != before) ++changes;
      before = now;
      ASSERT_GE(now, token * static_cast<std::uint64_t>(i + 1));
      ASSERT_LE(now, token * static_cast<std::uint64_t>((i + 1) * 3 / 2 + 64));
    }
    EXPECT_LE(changes, 12);
    EXPECT_GE(changes, 3);
  }
}

}  // namespace
}  // namespace stac::runtime
