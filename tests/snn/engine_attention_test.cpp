// The attention of both engines against each other, bit for bit, and against the softmax.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <tuple>

#include "engine_test_support.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::snn {
namespace {

class CachedBits : public ::testing::TestWithParam<int> {};

TEST_P(CachedBits, AreAttendedBitForBitTheSameByBothEnginesHoweverTheTextIsSplitAndWhateverTheWindow) {
  std::mt19937 random(14);
  std::size_t turn = 0;
  for (const Code& code : all_variants()) {
    for (const auto& [heads, kv_heads, head_dim, group] :
         {std::tuple{1, 1, 1, 0}, {2, 2, 16, 8}, {4, 2, 7, 5}, {6, 6, 32, 0}}) {
      if (group > 0 && full_scale(code) > (1 << 16)) continue;  // too fine for groups
      AttentionShape shape = attention_shape(heads, kv_heads, head_dim, code, {code, group}, GetParam());
      shape.window = std::vector<std::int64_t>{0, 1, 5, 40}[turn++ % 4];
      const std::int64_t tokens = 41;
      const auto queries = random_rows(tokens * heads * head_dim, random);
      const auto keys = random_rows(tokens * kv_heads * head_dim, random);
      const auto values = random_rows(tokens * kv_heads * head_dim, random);
      const auto temporal = make_engine(EngineKind::temporal);
      const auto fused = make_engine(EngineKind::fused);
      const Attended whole = attend(*temporal, shape, queries, keys, values, {tokens});
      for (const std::vector<std::int64_t>& blocks : {std::vector<std::int64_t>{41}, {1, 16, 15, 1, 8}, {40, 1}}) {
        const Attended split = attend(*fused, shape, queries, keys, values, blocks);
        EXPECT_EQ(whole.mixed, split.mixed) << described(code) << " head_dim=" << head_dim;
        EXPECT_EQ(whole.counts.scores, split.counts.scores);
        EXPECT_EQ(whole.counts.mix, split.counts.mix);
      }
    }
  }
}

// Keys that no turn changes: as if the dropped tokens had never been there.
TEST_P(CachedBits, MoveUpAsTheyAreWhereTokensBeforeThemAreDropped) {
  std::mt19937 random(18);
  const std::int64_t tokens = 75, first = 3, count = 30, width = 2 * 7;
  const AttentionShape shape = attention_shape(2, 2, 7, Code{8, 2}, {Code{8, 2}}, GetParam());
  const auto query = random_rows(width, random), keys = random_rows(tokens * width, random);
  const auto values = random_rows(tokens * width, random);
  const std::int64_t behind = (first + count) * width, left = tokens - first - count;
  for (const EngineKind kind : {EngineKind::temporal, EngineKind::fused}) {
    const auto engine = make_engine(kind);
    const auto whole = engine->memory(shape), rest = engine->memory(shape);
    whole->append(keys.data(), values.data(), tokens);
    whole->drop(first, count, {});
    rest->append(keys.data(), values.data(), first);
    rest->append(keys.data() + behind, values.data() + behind, left);
    std::vector<float> mixed(width), wanted(width);
    whole->attend(query.data(), 1, mixed.data());
    rest->attend(query.data(), 1, wanted.data());
    EXPECT_EQ(mixed, wanted);
  }
}

INSTANTIATE_TEST_SUITE_P(Attention, CachedBits, ::testing::Values(7, 15, 30), ::testing::PrintToStringParamName());

TEST(Attention, OfHeadsThatShareKeysIsTheSameHoweverThreadsTakeThemApart) {
  std::mt19937 random(17);
  const std::int64_t tokens = 45;
  for (const std::int64_t heads : {7, 12, 40}) {
    AttentionShape shape = attention_shape(heads, 1, 6, Code{8, 2}, {Code{8, 2}});
    shape.window = 20;
    const auto queries = random_rows(tokens * heads * 6, random);
    const auto keys = random_rows(tokens * 6, random);
    const auto values = random_rows(tokens * 6, random);
    const Attended expected = attend(*make_engine(EngineKind::temporal), shape, queries, keys, values, {tokens});
    for (const int threads : {1, 2, 5}) {
      const model::ThreadLimit limit(threads);
      const Attended fused = attend(*make_engine(EngineKind::fused), shape, queries, keys, values, {40, 1, 4});
      EXPECT_EQ(fused.mixed, expected.mixed) << heads << " heads, " << threads << " threads";
      EXPECT_EQ(fused.counts.scores, expected.counts.scores);
      EXPECT_EQ(fused.counts.mix, expected.counts.mix);
    }
  }
}

TEST(Attention, AWindowIsWhatAShorterTextSees) {
  std::mt19937 random(16);
  const std::int64_t tokens = 50, window = 37;
  AttentionShape shape = attention_shape(4, 2, 8, Code{8, 2}, {Code{8, 2}});
  const auto queries = random_rows(tokens * 32, random);
  const auto keys = random_rows(tokens * 16, random);
  const auto values = random_rows(tokens * 16, random);
  const auto tail = [&](const std::vector<float>& rows, std::int64_t width) {
    return std::vector<float>(rows.end() - window * width, rows.end());
  };
  const auto last = [](const Attended& attended) {
    return std::vector<float>(attended.mixed.end() - 32, attended.mixed.end());
  };
  for (const EngineKind kind : {EngineKind::temporal, EngineKind::fused}) {
    const auto engine = make_engine(kind);
    shape.window = 0;
    const Attended alone = attend(*engine, shape, tail(queries, 32), tail(keys, 16), tail(values, 16), {window});
    const Attended whole = attend(*engine, shape, queries, keys, values, {tokens});
    shape.window = window;
    const Attended windowed = attend(*engine, shape, queries, keys, values, {tokens});
    EXPECT_EQ(last(windowed), last(alone));
    EXPECT_NE(last(windowed), last(whole));
  }
}

TEST(Attention, IsAsTheSoftmaxDoesWhenStepsAreMany) {
  std::mt19937 random(15);
  const Code code{16, 2};
  const AttentionShape shape = attention_shape(2, 1, 8, code, {code});
  const std::int64_t tokens = 9;
  std::vector<float> queries = random_rows(tokens * 16, random);
  const std::vector<float> keys = random_rows(tokens * 8, random);
  const std::vector<float> values = random_rows(tokens * 8, random);
  const Attended spiking = attend(*make_engine(EngineKind::fused), shape, queries, keys, values, {tokens});
  for (std::int64_t r = 0; r < tokens; ++r) {
    for (std::int64_t head = 0; head < 2; ++head) {
      std::vector<double> score(r + 1);
      double top = -1e300;
      for (std::int64_t key = 0; key <= r; ++key) {
        for (int d = 0; d < 8; ++d)
          score[key] += static_cast<double>(queries[r * 16 + head * 8 + d]) * keys[key * 8 + d];
        score[key] *= shape.scale;
        top = std::max(top, score[key]);
      }
      double sum = 0;
      for (double& s : score) sum += s = std::exp(s - top);
      for (int d = 0; d < 8; ++d) {
        double expected = 0;
        for (std::int64_t key = 0; key <= r; ++key) expected += score[key] / sum * values[key * 8 + d];
        EXPECT_NEAR(spiking.mixed[r * 16 + head * 8 + d], expected, 2e-3 * (1 + std::abs(expected)));
      }
    }
  }
}

TEST(Attention, GroupsOfTokensKeepTheTailOfTheSoftmax) {
  std::mt19937 random(23);
  const std::int64_t tokens = 64;
  const std::vector<float> queries = random_rows(tokens * 16, random);
  const std::vector<float> keys = random_rows(tokens * 16, random);
  const std::vector<float> values = random_rows(tokens * 16, random);
  const auto mixed = [&](const Population& weights) {
    return attend(*make_engine(EngineKind::fused), attention_shape(1, 1, 16, weights.code, weights), queries, keys,
                  values, {tokens})
        .mixed;
  };
  const auto distance = [](const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - b[i], 2);
    return sum;
  };
  AttentionShape exact = attention_shape(1, 1, 16, Code{3, 3}, {Code{3, 3}});
  exact.weights.code = {12, 3};
  exact.value_bits = 20;
  exact.value_exponent = {7 - 20};
  const std::vector<float> reference =
      attend(*make_engine(EngineKind::fused), exact, queries, keys, values, {tokens}).mixed;
  EXPECT_LT(distance(mixed({Code{3, 3}, 8}), reference), 0.5 * distance(mixed({Code{3, 3}}), reference));
}

}  // namespace
}  // namespace stac::snn
