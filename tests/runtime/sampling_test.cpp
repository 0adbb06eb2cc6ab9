#include "stac/runtime/sampling.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "stac/error.hpp"
#include "stac/model/random.hpp"
#include "stac/model/token_draw.hpp"
#include "support/test_paths.hpp"

namespace stac::runtime {
namespace {

using ::testing::ElementsAre;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
using Floats = std::vector<float>;

std::vector<double> softmax(const Floats& logits) {
  double total = 0;
  std::vector<double> result;
  for (const float logit : logits) total += result.emplace_back(std::exp(static_cast<double>(logit)));
  for (double& p : result) p /= total;
  return result;
}

std::vector<bool> kept(const Floats& logits) {
  std::vector<bool> result;
  for (const float logit : logits) result.push_back(logit != -kInfinity);
  return result;
}

TEST(Sampling, AgreesWithTheProcessorsOfTransformers) {
  std::ifstream file(testing::test_data("runtime/sampling.json"));
  const auto golden = nlohmann::json::parse(file);
  ASSERT_GE(golden.at("cases").size(), 50u);
  for (const auto& one : golden.at("cases")) {
    auto logits = one.at("logits").get<Floats>();
    std::vector<LogitBias> biases;
    for (const auto& bias : one.at("logit_bias")) biases.push_back({bias.at(0), bias.at(1)});
    add_biases(logits, biases);
    penalise_repetition(logits, one.at("text").get<std::vector<std::int64_t>>(), one.at("repetition_penalty"));
    scale_by_temperature(logits, one.at("temperature"));
    if (one.at("top_k") > 0) keep_top_k(logits, one.at("top_k"));
    keep_top_p(logits, one.at("top_p"));
    keep_min_p(logits, one.at("min_p"));
    const auto expected = one.at("probabilities").get<std::vector<double>>();
    const std::vector<double> actual = softmax(logits);
    for (std::size_t id = 0; id < expected.size(); ++id) EXPECT_NEAR(actual[id], expected[id], 2e-6) << one.dump();
  }
}

TEST(Sampling, TemperatureZeroTakesTheLargestLogitAndOfEqualsTheLowestId) {
  EXPECT_EQ(choose_token(Floats{0, 3, 1, 3}, {}, 0, {}), 1);
  EXPECT_EQ(choose_token(Floats{-kInfinity, -5, -5}, {}, 0, {}), 1);
}

TEST(Sampling, TopKKeepsExactlyKAndOfEqualsTheLowestIds) {
  Floats logits{1, 2, 2, 2, 0};
  keep_top_k(logits, 2);
  EXPECT_THAT(kept(logits), ElementsAre(false, true, true, false, false));
  Floats few{1, 2};
  keep_top_k(few, 5);
  EXPECT_THAT(few, ElementsAre(1, 2));
}

TEST(Sampling, TopPKeepsTheFewestTokensThatReachTheSum) {
  const Floats logits{std::log(0.1f), std::log(0.5f), std::log(0.15f), std::log(0.25f)};
  const auto with = [&](double p) {
    Floats copy = logits;
    keep_top_p(copy, p);
    return kept(copy);
  };
  EXPECT_THAT(with(0.01), ElementsAre(false, true, false, false));
  EXPECT_THAT(with(0.49), ElementsAre(false, true, false, false));
  EXPECT_THAT(with(0.6), ElementsAre(false, true, false, true));
  EXPECT_THAT(with(0.8), ElementsAre(false, true, true, true));
  EXPECT_THAT(with(1.0), ElementsAre(true, true, true, true));
}

TEST(Sampling, MinPKeepsTheTokensThatHaveThatShareOfTheLikeliest) {
  const Floats logits{std::log(0.1f), std::log(0.5f), std::log(0.15f), std::log(0.25f)};
  const auto with = [&](double min_p) {
    Floats copy = logits;
    keep_min_p(copy, min_p);
    return kept(copy);
  };
  EXPECT_THAT(with(0.0), ElementsAre(true, true, true, true));
  EXPECT_THAT(with(0.19), ElementsAre(true, true, true, true));
  EXPECT_THAT(with(0.21), ElementsAre(false, true, true, true));
  EXPECT_THAT(with(0.31), ElementsAre(false, true, false, true));
  EXPECT_THAT(with(1.0), ElementsAre(false, true, false, false));
}

TEST(Sampling, BiasesAddUpBeforeEverythingElseAndCanForbidAToken) {
  EXPECT_EQ(choose_token(Floats{0, 3, 1}, {}, 0, {.logit_bias = {{2, 1.5F}, {2, 1.0F}}}), 2);
  EXPECT_EQ(choose_token(Floats{0, 3, 1}, {}, 0, {.logit_bias = {{1, -kInfinity}}}), 2);
  EXPECT_EQ(choose_token(Floats{0, 3, 1}, {}, 0, {.logit_bias = {{99, 50.0F}}}), 1) << "no such token";
  // transformers: the penalty sees the biased logit, -1 * 2 and not 1 / 2 - 2
  EXPECT_EQ(choose_token(Floats{-1.8F, 1}, std::vector<std::int64_t>{1}, 0,
                         {.repetition_penalty = 2, .logit_bias = {{1, -2.0F}}}),
            0);
  EXPECT_THROW((void)choose_token(Floats{0, 3}, {}, 0, {.logit_bias = {{0, -kInfinity}, {1, -kInfinity}}}), Error);
}

TEST(Sampling, RepetitionPenaltyCountsATokenOnceAndPushesBothSignsDown) {
  Floats logits{3, -3, 0, 3, -kInfinity};
  penalise_repetition(logits, std::vector<std::int64_t>{0, 0, 1, 2, 4, 99, -1}, 2.0);
  EXPECT_THAT(logits, ElementsAre(1.5f, -6, 0, 3, -kInfinity));
}

TEST(Sampling, ExtremeOptionsStayFinite) {
  for (const double temperature : {1e-300, 1e300}) {
    for (const double penalty : {1e-300, 1e300}) {
      const SamplingOptions options{
          .temperature = temperature, .top_k = 0, .top_p = 1, .repetition_penalty = penalty, .seed = 3};
      const std::int64_t id = choose_token(Floats{1, -2, 3}, std::vector<std::int64_t>{0, 1, 2}, 1, options);
      EXPECT_GE(id, 0);
      EXPECT_LT(id, 3);
    }
  }
}

TEST(Sampling, DrawWalksTheRunningSumOfProbabilities) {
  const Floats logits{std::log(0.2f), -kInfinity, std::log(0.5f), std::log(0.3f)};
  for (int i = 0; i < 1000; ++i) {
    const double random = (i + 0.5) / 1000;
    EXPECT_EQ(model::draw(logits, random), random < 0.2 ? 0 : random < 0.7 ? 2 : 3) << random;
  }
  EXPECT_EQ(model::draw(logits, 1 - 0x1p-53), 3);
  EXPECT_EQ(model::draw(Floats{-kInfinity, 0, -kInfinity}, 1 - 0x1p-53), 1);
}

// Pearson's chi-squared with 3 degrees of freedom: above 16.3 with a probability of 0.1%.
TEST(Sampling, TokensComeUpAsOftenAsTheirProbabilitiesSay) {
  const std::vector<double> probabilities{0.1, 0.2, 0.3, 0.4};
  Floats logits;
  for (const double p : probabilities) logits.push_back(static_cast<float>(std::log(p)));
  std::vector<int> counts(4, 0);
  constexpr int kDraws = 20000;
  const SamplingOptions options{.temperature = 1, .top_k = 0, .top_p = 1, .repetition_penalty = 1, .seed = 9};
  for (int position = 0; position < kDraws; ++position) ++counts[choose_token(logits, {}, position, options)];
  double chi_squared = 0;
  for (int id = 0; id < 4; ++id) {
    const double expected = probabilities[id] * kDraws;
    chi_squared += (counts[id] - expected) * (counts[id] - expected) / expected;
  }
  EXPECT_LT(chi_squared, 16.3);
}

TEST(Sampling, SeedAndPositionAloneDecideWhatIsDrawn) {
  const Floats logits(50, 0.0f);
  const auto tokens = [&](std::uint64_t seed) {
    std::vector<std::int64_t> result;
    for (int position = 19; position >= 0; --position) {
      result.push_back(choose_token(logits, {}, position,
                                    {.temperature = 1, .top_k = 0, .top_p = 1, .repetition_penalty = 1, .seed = seed}));
    }
    return result;
  };
  EXPECT_EQ(tokens(7), tokens(7));
  EXPECT_NE(tokens(7), tokens(8));
  EXPECT_EQ(tokens(7).back(), static_cast<std::int64_t>(model::uniform(7, 0) * 50));
}

TEST(Sampling, RefusesOptionsOutOfRangeByName) {
  const auto refused = [](SamplingOptions options) {
    try {
      require_valid(options);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(refused({.temperature = -1}), ::testing::HasSubstr("temperature"));
  EXPECT_THAT(refused({.temperature = std::nan("")}), ::testing::HasSubstr("temperature"));
  EXPECT_THAT(refused({.top_k = -1}), ::testing::HasSubstr("top-k"));
  EXPECT_THAT(refused({.top_p = 0}), ::testing::HasSubstr("top-p"));
  EXPECT_THAT(refused({.top_p = 1.5}), ::testing::HasSubstr("top-p"));
  EXPECT_THAT(refused({.min_p = -0.1}), ::testing::HasSubstr("min-p"));
  EXPECT_THAT(refused({.min_p = 1.1}), ::testing::HasSubstr("min-p"));
  EXPECT_THAT(refused({.logit_bias = {{-1, 0}}}), ::testing::HasSubstr("token -1"));
  EXPECT_THAT(refused({.logit_bias = {{4, kInfinity}}}), ::testing::HasSubstr("token 4"));
  EXPECT_THAT(refused({.logit_bias = {{4, std::nanf("")}}}), ::testing::HasSubstr("token 4"));
  EXPECT_THAT(refused({.repetition_penalty = 0}), ::testing::HasSubstr("repetition penalty"));
  EXPECT_EQ(refused({}), "");
}

TEST(Sampling, RefusesLogitsThatNoModelShouldHave) {
  EXPECT_THROW((void)choose_token(Floats{0, std::nanf("")}, {}, 0, {}), Error);
  EXPECT_THROW((void)choose_token(Floats{0, kInfinity}, {}, 0, {}), Error);
  EXPECT_THROW((void)choose_token(Floats{-kInfinity, -kInfinity}, {}, 0, {}), Error);
  EXPECT_THROW((void)choose_token(Floats{}, {}, 0, {}), Error);
}

}  // namespace
}  // namespace stac::runtime
