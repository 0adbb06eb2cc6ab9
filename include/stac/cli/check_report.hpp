// What stac-test says.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "stac/eval/checklist.hpp"

namespace stac::cli {

/// A row for each check, then what failed ones tell, then the sum. @param colour  of the verdicts
[[nodiscard]] std::string checks_text(const std::vector<eval::CheckResult>& results, bool colour);

/// {passed, failed, skipped, checks: [{name, verdict, measured, bar, seconds, details}]}
[[nodiscard]] nlohmann::json checks_json(const std::vector<eval::CheckResult>& results);

/// A line for each claim with its verdict. @param colour  of the verdicts
[[nodiscard]] std::string checklist_text(const std::vector<eval::ChecklistLine>& lines, bool colour);

/// [{claim, verdict, why}]
[[nodiscard]] nlohmann::json checklist_json(const std::vector<eval::ChecklistLine>& lines);

[[nodiscard]] bool any_failed(const std::vector<eval::CheckResult>& results);

}  // namespace stac::cli
