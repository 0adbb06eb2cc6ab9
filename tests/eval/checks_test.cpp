#include "stac/eval/checks.hpp"

#include <gmock/gmock.h>

#include "check_test_support.hpp"
#include "stac/error.hpp"

namespace stac::eval {
namespace {

using ::testing::HasSubstr;

class StacTinyWithEveryCode : public ::testing::TestWithParam<std::tuple<int, int>> {};

TEST_P(StacTinyWithEveryCode, EnginesSplitsThreadsAndCountsAgree) {
  const convert::OpenedModel model = testing::stac_tiny({std::get<0>(GetParam()), std::get<1>(GetParam())});
  CheckPlan plan;
  plan.tokens = 7;
  CheckRun run(model, plan);
  for (const char* const name : {"engine-equality", "kv-cache", "determinism", "spikes", "energy"}) {
    const CheckResult result = testing::run_named(name, run);
    EXPECT_EQ(result.verdict, Verdict::passed) << name << ": " << result.measured << testing::lines(result.details);
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, StacTinyWithEveryCode,
                         ::testing::Combine(::testing::Values(1, 2, 3, 4, 5, 8, 12, 16), ::testing::Values(2, 3)));

// Random checkpoints of every family, with every kind of rotary position and sliding window.
class EveryFamily : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryFamily, PassesEveryCheckAndSkipsConversationsAlone) {
  const convert::OpenedModel model = testing::random_checkpoint(GetParam());
  CheckPlan plan;
  plan.expect_energy = {0.05, 2.0};
  CheckRun run(model, plan);
  std::vector<std::string> skipped;
  for (const CheckResult& result : testing::run_all(run)) {
    EXPECT_NE(result.verdict, Verdict::failed)
        << result.name << ": " << result.measured << testing::lines(result.details);
    if (result.verdict == Verdict::skipped) skipped.push_back(result.name);
  }
  std::vector<std::string> expected{"multi-turn", "coherence"};
  if (GetParam() == "llama_dynamic") expected.emplace_back("torchscript");  // has no module
  EXPECT_EQ(skipped, expected);
}

INSTANTIATE_TEST_SUITE_P(Goldens, EveryFamily, ::testing::ValuesIn(model::golden_names()),
                         [](const auto& name) { return name.param; });

TEST(Checks, PassOnATrainedLlamaThatNeverKnewChat) {
  const auto folder = testing::shared_data("models/stories260K");
  if (!folder) GTEST_SKIP() << "there is no models/stories260K in the shared folder";
  convert::ModelRequest request;
  request.model = folder->string();
  request.options.quantize = convert::QuantizeChoice::int8;
  const convert::OpenedModel model = convert::open_model(request);
  CheckPlan plan;
  plan.turns = 4;
  CheckRun run(model, plan);
  for (const CheckResult& result : testing::run_all(run)) {
    EXPECT_NE(result.verdict, Verdict::failed)
        << result.name << ": " << result.measured << testing::lines(result.details);
  }
}

TEST(Checks, HoldTheirMeasurementsAgainstThePlan) {
  const convert::OpenedModel model = testing::stac_tiny({8, 2});
  CheckPlan plan;
  plan.windows = 1;
  plan.context = 64;
  plan.expect_energy = {0.1, 1.0};
  CheckRun run(model, plan);
  for (const char* const name : {"dead-network", "energy-range"}) {
    EXPECT_EQ(testing::run_named(name, run).verdict, Verdict::passed) << name;
  }
  CheckPlan strict = plan;
  strict.max_kl = 0.0;
  strict.expect_energy = {0.0, 0.01};
  CheckRun strict_run(model, strict);
  for (const char* const name : {"dead-network", "energy-range"}) {
    EXPECT_EQ(testing::run_named(name, strict_run).verdict, Verdict::failed) << name;
  }
}

TEST(Checks, EnergyIsCountedButNotJudgedWhereNoRangeIsGiven) {
  const convert::OpenedModel model = testing::random_checkpoint("plain");
  const CheckPlan plan;
  CheckRun run(model, plan);
  EXPECT_EQ(testing::run_named("energy", run).verdict, Verdict::passed);
  const CheckResult range = testing::run_named("energy-range", run);
  EXPECT_EQ(range.verdict, Verdict::skipped);
  EXPECT_THAT(range.measured, HasSubstr("--expect-energy"));
}

TEST(Checks, WhatACheckThrowsIsAFailureThatSaysSo) {
  const CheckResult result = run_check("broken", []() -> CheckResult { throw Error("it is broken", "repair it"); });
  EXPECT_EQ(result.verdict, Verdict::failed);
  EXPECT_EQ(result.measured, "it is broken");
  EXPECT_EQ(result.details, std::vector<std::string>{"repair it"});
  const CheckResult internal = run_check("broken", []() -> CheckResult { throw std::out_of_range("index"); });
  EXPECT_EQ(internal.verdict, Verdict::failed);
  EXPECT_THAT(internal.measured, HasSubstr("internal: index"));
}

}  // namespace
}  // namespace stac::eval
