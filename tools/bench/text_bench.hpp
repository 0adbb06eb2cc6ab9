// What stac-bench measures on a text: quality, spikes, operations, energy.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "bench/bench_options.hpp"
#include "stac/cli/console.hpp"
#include "stac/convert/opened_model.hpp"

namespace stac::tools {

/// Prints the tables and adds their numbers to the report.
void bench_text(const BenchOptions& options, const convert::OpenedModel& model, cli::Console& console,
                nlohmann::json& report);

}  // namespace stac::tools
