#include "stac/eval/checklist.hpp"

#include <gmock/gmock.h>

#include "check_test_support.hpp"

namespace stac::eval {
namespace {

using ::testing::HasSubstr;

std::vector<CheckResult> all_passed() {
  std::vector<CheckResult> results;
  for (const Check& check : all_checks()) results.push_back({check.name, Verdict::passed, "measured", "bar", 0.0, {}});
  return results;
}

CheckResult& named(std::vector<CheckResult>& results, const std::string& name) {
  for (CheckResult& result : results) {
    if (result.name == name) return result;
  }
  throw std::logic_error("no result of " + name);
}

const ChecklistLine& about(const std::vector<ChecklistLine>& lines, const std::string& claim) {
  for (const ChecklistLine& line : lines) {
    if (line.claim == claim) return line;
  }
  throw std::logic_error("no line " + claim);
}

TEST(Checklist, PassesWhereEveryCheckPassed) {
  const auto lines = checklist(all_passed());
  EXPECT_EQ(lines.size(), 6U);
  for (const ChecklistLine& line : lines) {
    EXPECT_EQ(line.verdict, Verdict::passed) << line.claim;
    EXPECT_EQ(line.why, "");
  }
}

TEST(Checklist, FollowsTheChecksThatSettleEachClaim) {
  const std::pair<const char*, const char*> settled_by[] = {
      {"position ids within bounds", "position-boundaries"},
      {"attention masks grow correctly across turns", "attention-mask"},
      {"KV cache maintains history", "kv-cache"},
      {"multi-turn coherence with factual recall", "multi-turn"},
      {"multi-turn coherence with factual recall", "coherence"},
      {"energy within the expected range", "energy"},
      {"energy within the expected range", "energy-range"},
      {"TorchScript export compatible", "torchscript"}};
  for (const auto& [claim, check] : settled_by) {
    for (const Verdict verdict : {Verdict::failed, Verdict::skipped}) {
      auto results = all_passed();
      named(results, check) = {check, verdict, "what was found", {}, 0.0, {}};
      const auto lines = checklist(results);
      EXPECT_EQ(about(lines, claim).verdict, verdict) << claim << ", " << check;
      EXPECT_EQ(about(lines, claim).why, std::string(check) + ": what was found");
    }
  }
}

TEST(Checklist, AFailureOutweighsWhatWasSkipped) {
  auto results = all_passed();
  named(results, "energy").verdict = Verdict::failed;
  named(results, "energy-range").verdict = Verdict::skipped;
  EXPECT_EQ(about(checklist(results), "energy within the expected range").verdict, Verdict::failed);
  std::swap(named(results, "energy").verdict, named(results, "energy-range").verdict);
  EXPECT_EQ(about(checklist(results), "energy within the expected range").verdict, Verdict::failed);
}

TEST(Checklist, SaysWhichCheckDidNotRun) {
  const auto lines = checklist({});
  EXPECT_EQ(lines.front().verdict, Verdict::skipped);
  EXPECT_THAT(lines.front().why, HasSubstr("position-boundaries: did not run"));
}

}  // namespace
}  // namespace stac::eval
