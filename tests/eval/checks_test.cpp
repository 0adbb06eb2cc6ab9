#include "stac/eval/checks.hpp"

#include <gtest/gtest.h>

#include "stac/error.hpp"
#include "support/test_paths.hpp"

namespace stac::eval {
namespace {

convert::OpenedModel stac_tiny(const snn::Code& code) {
  convert::ModelRequest request;
  request.model = (testing::source_root() / "models/stac-tiny").string();
  request.options.code = code;
  return convert::open_model(request);
}

CheckResult run_named(const std::string& name, CheckRun& run) {
  for (const Check& check : all_checks()) {
    if (check.name == name) return run_check(name, [&] { return check.run(run); });
  }
  throw std::logic_error("no check " + name);
}

class StacTinyWithEveryCode : public ::testing::TestWithParam<std::tuple<int, int>> {};

TEST_P(StacTinyWithEveryCode, EnginesSplitsAndThreadsAgreeBitForBit) {
  const convert::OpenedModel model = stac_tiny({std::get<0>(GetParam()), std::get<1>(GetParam())});
  CheckPlan plan;
  plan.tokens = 7;
  CheckRun run(model, plan);
  for (const char* const name : {"engine-equality", "kv-cache", "determinism", "coverage"}) {
    const CheckResult result = run_named(name, run);
    EXPECT_EQ(result.verdict, Verdict::passed) << name << ": " << result.measured;
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, StacTinyWithEveryCode,
                         ::testing::Combine(::testing::Values(1, 2, 3, 4, 5, 8, 12, 16), ::testing::Values(2, 3)));

TEST(Checks, HoldTheirMeasurementsAgainstThePlan) {
  const convert::OpenedModel model = stac_tiny({8, 2});
  CheckPlan plan;
  plan.windows = 1;
  plan.context = 64;
  CheckRun run(model, plan);
  EXPECT_EQ(run_named("fidelity", run).verdict, Verdict::passed);
  CheckPlan strict = plan;
  strict.max_kl = 0.0;
  CheckRun strict_run(model, strict);
  EXPECT_EQ(run_named("fidelity", strict_run).verdict, Verdict::failed);
}

TEST(Checks, RecallIsHeldAgainstItsBars) {
  const convert::OpenedModel model = stac_tiny({8, 2});
  CheckPlan plan;
  plan.dialogues = 1;
  CheckRun run(model, plan);
  EXPECT_EQ(run_named("recall", run).verdict, Verdict::passed);
  plan.min_recall = 1.01;
  CheckRun strict_run(model, plan);
  EXPECT_EQ(run_named("recall", strict_run).verdict, Verdict::failed);
}

TEST(Checks, WhatACheckThrowsIsAFailureThatSaysSo) {
  const CheckResult result = run_check("broken", []() -> CheckResult { throw Error("it is broken", "repair it"); });
  EXPECT_EQ(result.verdict, Verdict::failed);
  EXPECT_EQ(result.measured, "it is broken");
  EXPECT_EQ(result.details, std::vector<std::string>{"repair it"});
}

}  // namespace
}  // namespace stac::eval
