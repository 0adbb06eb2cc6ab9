#include "stac/energy/comparison.hpp"

#include <gmock/gmock.h>

#include "energy/energy_test_support.hpp"
#include "support/test_paths.hpp"

namespace stac::energy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

EnergyModel bundled(const std::string& name) {
  return load_energy_model(testing::source_root() / "configs/energy" / (name + ".json"));
}

TEST(Comparison, HasEveryBaselineThatTheModelHasFiguresFor) {
  const SmallRun small;
  const auto names = [&](const EnergyModel& model, const std::optional<KeptMacs>& kept) {
    std::vector<std::string> result;
    for (const Contender& baseline : compare(model, small.run(), kept).baselines) result.push_back(baseline.name);
    return result;
  };
  KeptMacs kept;
  snn::for_each_site(2, [&](std::int64_t layer, snn::Site site) { kept[{layer, site}] = 1; });
  EXPECT_THAT(names(bundled("horowitz-45nm"), kept),
              ::testing::ElementsAre("dense f32", "dense f16", "dense int8", "int8, zeros skipped"));
  EXPECT_THAT(names(bundled("jouppi-7nm"), std::nullopt),
              ::testing::ElementsAre("dense f32", "dense f16", "dense bf16", "dense int8"));
  EXPECT_THAT(names(bundled("loihi"), std::nullopt),
              ::testing::ElementsAre("dense f32", "dense f16", "dense bf16", "dense int8"));
}

TEST(Verdict, SaysAgainstWhomSpikesWinAndLoseWithTheRatios) {
  const Comparison comparison = compare(round_prices(), SmallRun().run(), std::nullopt);
  const std::string text = verdict(comparison);
  EXPECT_THAT(text,
              HasSubstr("win against dense f32 (0.28 of its energy) and lose against dense int8 (1.52 times it)"));
  EXPECT_THAT(text, HasSubstr("Counting all compute, spikes win against nothing: they need more than dense f32 (1.47"));
  EXPECT_THAT(text, HasSubstr("With memory traffic"));
}

TEST(Verdict, SaysWhenSpikesLoseAgainstNobody) {
  Comparison comparison = compare(round_prices(), SmallRun().run(), std::nullopt);
  for (Line& line : comparison.spikes.lines) line.picojoules *= 1e-6;
  EXPECT_THAT(verdict(comparison), HasSubstr("lose against nothing"));
  EXPECT_THAT(verdict(comparison), Not(HasSubstr("times it")));
}

TEST(ClosedForm, IsOurRatioWhereEveryProductIsDrivenAndAddersAreF32) {
  const Comparison comparison = compare(round_prices(), SmallRun().run(), std::nullopt);
  EXPECT_DOUBLE_EQ(comparison.python.ratio, 82.0 / 288.0);
  EXPECT_DOUBLE_EQ(comparison.python.ratio, comparison.python.counted);
  EXPECT_THAT(comparison.python.explanation, HasSubstr("the same number"));
}

TEST(ClosedForm, SaysThatItKnowsNoIntegerAdders) {
  const Comparison comparison = compare(round_prices(), SmallRun().run(true), std::nullopt);
  EXPECT_DOUBLE_EQ(comparison.python.ratio, 82.0 / 288.0);
  EXPECT_DOUBLE_EQ(comparison.python.counted, 25.0 / 288.0);
  EXPECT_THAT(comparison.python.explanation, HasSubstr("int8"));
}

// The Python project's docs/energy-crossover.md: tiny-gpt2 at T = 8 with f = 0.0555, rho = 0.0943.
TEST(ClosedForm, GivesThePublishedExample) {
  snn::Ledger ledger(1);
  const double driven = 55500, rate = 0.0943;
  ledger.add(0, snn::Site::up,
             {.macs = 55500, .windows = 1, .additions = static_cast<std::uint64_t>(driven * rate * 8 + 0.5)});
  ledger.add_demand(1000000);
  const ClosedForm form = closed_form(bundled("horowitz-45nm"), snn::Plan(1, {{8, 2}}), ledger, 1.0, false);
  EXPECT_NEAR(form.ratio, 7.5641, 5e-4);
  EXPECT_THAT(form.explanation, HasSubstr("repeats"));
}

}  // namespace
}  // namespace stac::energy
