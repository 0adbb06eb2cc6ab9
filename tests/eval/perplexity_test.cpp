#include "stac/eval/perplexity.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "eval/fake_model.hpp"
#include "stac/error.hpp"

namespace stac::eval {
namespace {

using testing::FakeSequence;

TEST(Perplexity, OfAUniformModelIsItsVocabulary) {
  FakeSequence model([](std::int64_t) { return std::vector<float>(7, 0.25F); });
  const Perplexity perplexity = measure_perplexity(model, {3, false, {{0, 1, 2}, {3, 4, 5}}});
  EXPECT_NEAR(perplexity.perplexity, 7.0, 1e-12);
  EXPECT_EQ(perplexity.scored_tokens, 4);  // all but the first of each window
  EXPECT_EQ(perplexity.distinct_predictions, 1);
  EXPECT_EQ(model.length(), 0);
}

// After token 0 the next is 1 with probability 3/4; after token 1 it is 0 with probability 1/5. In the window 0 1 0
// that is exp(-(ln 3/4 + ln 1/5) / 2) = sqrt(20 / 3).
TEST(Perplexity, IsTheGeometricMeanOfInverseProbabilities) {
  FakeSequence model([](std::int64_t token) -> std::vector<float> {
    if (token == 0) return {0.0F, std::log(3.0F)};
    return {0.0F, std::log(4.0F)};
  });
  const Perplexity perplexity = measure_perplexity(model, {3, false, {{0, 1, 0}}});
  EXPECT_NEAR(perplexity.perplexity, std::sqrt(20.0 / 3.0), 1e-6);
}

TEST(Perplexity, CountsDistinctPredictionsOverAllScoredPositions) {
  FakeSequence model([](std::int64_t token) {
    std::vector<float> row(4, 0.0F);
    row[static_cast<std::size_t>(token)] = 1.0F;
    return row;
  });
  EXPECT_EQ(measure_perplexity(model, {3, false, {{0, 1, 3}, {1, 2, 3}}}).distinct_predictions, 3);
}

TEST(Perplexity, ReadsEveryWindowOnItsOwn) {
  FakeSequence model([](std::int64_t) { return std::vector<float>(4, 0.0F); });
  static_cast<void>(measure_perplexity(model, {2, false, {{0, 1}, {1, 2}, {2, 3}}}));
  EXPECT_GE(model.resets, 3);
}

TEST(Perplexity, RefusesLogitsThatAreNotFinite) {
  FakeSequence model([](std::int64_t) { return std::vector<float>{0.0F, std::nanf(""), 0.0F}; });
  EXPECT_THROW(static_cast<void>(measure_perplexity(model, {2, false, {{0, 1}}})), Error);
}

}  // namespace
}  // namespace stac::eval
