// What a user wants to know in the end: a few claims, each settled by checks.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "stac/eval/check_result.hpp"

namespace stac::eval {

struct ChecklistLine {
  std::string claim;
  Verdict verdict = Verdict::skipped;  ///< failed if one of its checks failed; passed if all of them passed
  std::string why;                     ///< where it is not passed: which checks, and what they say
};

/// Position ids, attention masks, KV cache, multi-turn coherence, energy, TorchScript export.
/// @param results  of all_checks(); a check that is missing counts as skipped
[[nodiscard]] std::vector<ChecklistLine> checklist(std::span<const CheckResult> results);

}  // namespace stac::eval
