// One self-contained HTML page with the numbers and drawings of a report: nothing in it is fetched from anywhere.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace stac::report {

/// @param report  stac-bench's JSON object (docs/stac-bench.schema.json); sections without numbers are left out
[[nodiscard]] std::string page(const nlohmann::json& report);

/// The page's first sentences: is it still the model, what did it cost, what would it save, and against what.
[[nodiscard]] std::string summary(const nlohmann::json& report);

/// The report's tables for spreadsheets: one line per number, "table,row,column,value".
[[nodiscard]] std::string csv(const nlohmann::json& report);

}  // namespace stac::report
