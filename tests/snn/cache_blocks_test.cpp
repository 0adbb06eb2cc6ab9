// Caches that grow over several blocks of tokens (cache_growth): splits, cuts and shifts across their borders.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <random>
#include <string>

#include "stac/snn/spiking_model.hpp"
#include "support/random_transformer.hpp"

namespace stac::snn {
namespace {

using model::CacheFormat;
using model::LogitRows;
using Ids = std::vector<std::int64_t>;

constexpr std::int64_t kTokens = 190;

class CacheBlocks : public ::testing::TestWithParam<std::tuple<bool, EngineKind, CacheFormat>> {
 protected:
  [[nodiscard]] static bool is_llama() { return std::get<0>(GetParam()); }
  [[nodiscard]] static std::shared_ptr<const SpikingTransformer> network() { return network(std::get<1>(GetParam())); }
  [[nodiscard]] static std::shared_ptr<const SpikingTransformer> network(EngineKind kind) {
    auto m = is_llama() ? testing::random_llama({.max_positions = 200, .sliding_window = 70, .first_windowed_layer = 1})
                        : testing::random_transformer({.max_positions = 200});
    m.config.storage.cache = std::get<2>(GetParam());
    return std::make_shared<SpikingTransformer>(m.config, m.weights, Plan(m.config.layers, {Code{6, 2}}),
                                                make_engine(kind));
  }
  [[nodiscard]] Ids ids(std::int64_t n) {
    Ids result;
    for (std::int64_t i = 0; i < n; ++i) result.push_back(static_cast<std::int64_t>(random_() % 61));
    return result;
  }
  /// Reads in random pieces. @return the last logits
  at::Tensor read(SpikingSequence& sequence, std::span<const std::int64_t> text) {
    at::Tensor last;
    while (!text.empty()) {
      const std::size_t piece = std::min<std::size_t>(text.size(), 1 + random_() % 80);
      last = sequence.append(text.first(piece), LogitRows::last);
      text = text.subspan(piece);
    }
    return last;
  }
  std::mt19937 random_{17};
};

TEST_P(CacheBlocks, AnySplitGivesTheSameLogits) {
  const auto net = network();
  const Ids text = ids(kTokens);
  SpikingSequence whole(net);
  const at::Tensor wanted = whole.append(text, LogitRows::last);
  for (int trial = 0; trial < 3; ++trial) {
    SpikingSequence sequence(net);
    EXPECT_TRUE(at::equal(read(sequence, text), wanted));
  }
}

TEST_P(CacheBlocks, WhatIsCutOffLeavesNoTrace) {
  const auto net = network();
  const Ids text = ids(kTokens), other = ids(kTokens);
  for (const std::int64_t kept : {1, 63, 64, 65, 128, 150}) {
    SpikingSequence sequence(net), fresh(net);
    read(sequence, text);
    sequence.truncate(kept);
    Ids again(text.begin(), text.begin() + kept);
    again.insert(again.end(), other.begin(), other.begin() + (kTokens - kept));
    const at::Tensor ours = read(sequence, std::span(again).subspan(static_cast<std::size_t>(kept)));
    EXPECT_TRUE(at::equal(ours, fresh.append(again, LogitRows::last))) << kept;
  }
}

TEST_P(CacheBlocks, ShiftsAreTheSameInBothEngines) {
  if (!is_llama()) GTEST_SKIP() << "learned positions are not shifted";
  const auto net = network(), literal = network(EngineKind::temporal);
  const Ids text = ids(kTokens), next = ids(10);
  for (const auto& [first, count] : {std::pair{1, 1}, {0, 63}, {3, 64}, {17, 100}, {64, 65}}) {
    SpikingSequence ours(net), theirs(literal), unshifted(net);
    for (SpikingSequence* sequence : {&ours, &theirs}) {
      read(*sequence, text);
      sequence->shift(first, count);
    }
    EXPECT_EQ(ours.length(), kTokens - count);
    const at::Tensor logits = ours.append(next, LogitRows::last);
    EXPECT_TRUE(at::equal(logits, theirs.append(next, LogitRows::last))) << first << " " << count;
    read(unshifted, text);
    EXPECT_FALSE(at::equal(logits, unshifted.append(next, LogitRows::last))) << first << " " << count;
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, CacheBlocks,
                         ::testing::Combine(::testing::Bool(),
                                            ::testing::Values(EngineKind::fused, EngineKind::temporal),
                                            ::testing::Values(CacheFormat::f32, CacheFormat::bf16, CacheFormat::int8)),
                         [](const auto& network) {
                           return std::string(std::get<0>(network.param) ? "Llama" : "Gpt2") +
                                  (std::get<1>(network.param) == EngineKind::fused ? "Fused" : "Temporal") +
                                  std::string(model::format_name(std::get<2>(network.param)));
                         });

}  // namespace
}  // namespace stac::snn
