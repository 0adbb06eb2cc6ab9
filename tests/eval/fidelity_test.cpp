#include "stac/eval/fidelity.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "eval/fake_model.hpp"

namespace stac::eval {
namespace {

using testing::FakeSequence;

FakeSequence with_odds(float odds) {
  return FakeSequence([odds](std::int64_t) -> std::vector<float> { return {0.0F, std::log(odds)}; });
}

TEST(Fidelity, OfAModelAgainstItselfIsPerfect) {
  FakeSequence a = with_odds(3.0F), b = with_odds(3.0F);
  const Fidelity fidelity = measure_fidelity(a, b, {3, false, {{0, 1, 0}, {1, 1, 0}}}, 1);
  EXPECT_DOUBLE_EQ(fidelity.ratio, 1.0);
  EXPECT_DOUBLE_EQ(fidelity.kl, 0.0);
  EXPECT_DOUBLE_EQ(fidelity.top1_agreement, 1.0);
  EXPECT_DOUBLE_EQ(fidelity.ratio_interval->low, 1.0);
}

// p = (1/4, 3/4), q = (1/2, 1/2): KL(p || q) = 1/4 ln 1/2 + 3/4 ln 3/2, which is not KL(q || p).
TEST(Fidelity, MeasuresTheDivergenceFromDenseToSpiking) {
  FakeSequence dense = with_odds(3.0F), spiking = with_odds(1.0F);
  const Fidelity fidelity = measure_fidelity(dense, spiking, {2, false, {{0, 1}, {1, 1}}}, 1);
  EXPECT_NEAR(fidelity.kl, 0.25 * std::log(0.5) + 0.75 * std::log(1.5), 1e-7);
  EXPECT_NEAR(fidelity.dense.perplexity, 4.0 / 3.0, 1e-7);
  EXPECT_NEAR(fidelity.spiking.perplexity, 2.0, 1e-12);
  EXPECT_NEAR(fidelity.ratio, 1.5, 1e-7);
}

TEST(Fidelity, CountsPositionsWithTheSameMostLikelyToken) {
  FakeSequence dense([](std::int64_t) -> std::vector<float> { return {1.0F, 0.0F}; });
  FakeSequence spiking([](std::int64_t token) -> std::vector<float> {
    return token == 0 ? std::vector<float>{1.0F, 0.0F} : std::vector<float>{0.0F, 1.0F};
  });
  const Fidelity fidelity = measure_fidelity(dense, spiking, {5, false, {{0, 0, 0, 1, 1}}}, 1);
  EXPECT_DOUBLE_EQ(fidelity.top1_agreement, 0.75);
  EXPECT_EQ(fidelity.dense.distinct_predictions, 1);
  EXPECT_EQ(fidelity.spiking.distinct_predictions, 2);
}

// Ranks of token 0 among the spiking logits, by the token read: 1st, 5th, 6th.
TEST(Fidelity, CountsPositionsWhereTheDenseTokenIsAmongTheFiveMostLikely) {
  FakeSequence dense([](std::int64_t) { return std::vector<float>{9.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F}; });
  FakeSequence spiking([](std::int64_t token) -> std::vector<float> {
    if (token == 0) return {9.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F};
    return {0.5F, 1.0F, 1.0F, 1.0F, 1.0F, token == 1 ? 0.0F : 1.0F};
  });
  const TokenWindows text{5, false, {{0, 1, 2, 2, 0}, {0, 0, 0, 2, 0}}};
  const Fidelity fidelity = measure_fidelity(dense, spiking, text, 1);
  EXPECT_DOUBLE_EQ(fidelity.top5_agreement, 5.0 / 8.0);
  EXPECT_DOUBLE_EQ(fidelity.top1_agreement, 4.0 / 8.0);
  EXPECT_DOUBLE_EQ(fidelity.top5_interval->low, 0.5);  // either window twice
  EXPECT_DOUBLE_EQ(fidelity.top5_interval->high, 0.75);
}

TEST(Fidelity, GivesNoIntervalForASingleWindow) {
  FakeSequence a = with_odds(2.0F), b = with_odds(3.0F);
  const Fidelity fidelity = measure_fidelity(a, b, {2, false, {{0, 1}}}, 1);
  EXPECT_FALSE(fidelity.ratio_interval.has_value());
  EXPECT_FALSE(fidelity.kl_interval.has_value());
}

TEST(Fidelity, OfSeveralNetworksIsThatOfEachAlone) {
  FakeSequence dense = with_odds(3.0F), near = with_odds(2.5F), far = with_odds(0.5F);
  const TokenWindows text{3, false, {{0, 1, 0}, {1, 1, 0}, {1, 0, 1}}};
  const model::Texts texts{{0, 1}, {1, 1}, {1, 0}};  // the windows without their last tokens
  const auto source = model::reads(dense, texts), first = model::reads(near, texts), second = model::reads(far, texts);
  const std::vector<model::TextLogits*> others{first.get(), second.get()};
  const std::vector<Fidelity> together = measure_fidelities(*source, others, text, 1);
  ASSERT_EQ(together.size(), 2U);
  for (std::size_t i = 0; i < others.size(); ++i) {
    const Fidelity alone = measure_fidelity(dense, i == 0 ? near : far, text, 1);
    EXPECT_EQ(together[i].ratio, alone.ratio);
    EXPECT_EQ(together[i].kl, alone.kl);
    EXPECT_EQ(together[i].top1_agreement, alone.top1_agreement);
    EXPECT_EQ(together[i].ratio_interval->low, alone.ratio_interval->low);
  }
  EXPECT_LT(together[0].kl, together[1].kl);
}

TEST(Fidelity, HasIntervalsThatHoldTheMeanAndDependOnTheSeedAlone) {
  const auto measure = [](std::uint64_t seed) {
    FakeSequence dense([](std::int64_t t) { return std::vector<float>{0.0F, static_cast<float>(t), 0.5F}; });
    FakeSequence spiking([](std::int64_t t) { return std::vector<float>{0.1F, static_cast<float>(t), 0.0F}; });
    return measure_fidelity(dense, spiking, {2, false, {{0, 1}, {1, 2}, {2, 0}, {0, 2}, {1, 1}}}, seed);
  };
  const Fidelity a = measure(1), b = measure(1), c = measure(2);
  EXPECT_LE(a.kl_interval->low, a.kl);
  EXPECT_GE(a.kl_interval->high, a.kl);
  EXPECT_LE(a.ratio_interval->low, a.ratio);
  EXPECT_GE(a.ratio_interval->high, a.ratio);
  EXPECT_EQ(a.kl_interval->low, b.kl_interval->low);
  EXPECT_EQ(a.kl, c.kl);
}

}  // namespace
}  // namespace stac::eval
