// What stac-test says.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "stac/eval/checks.hpp"

namespace stac::cli {

/// A row for each check, then their details, then the sum. @param colour  of the verdicts
[[nodiscard]] std::string checks_text(const std::vector<eval::CheckResult>& results, bool colour);

/// {passed, failed, skipped, checks: [{name, verdict, measured, bar, seconds, details}]}
[[nodiscard]] nlohmann::json checks_json(const std::vector<eval::CheckResult>& results);

[[nodiscard]] bool any_failed(const std::vector<eval::CheckResult>& results);

}  // namespace stac::cli
