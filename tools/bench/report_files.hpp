// The files that a user asked for beside the text on the terminal.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "bench/bench_options.hpp"

namespace stac::tools {

/// Writes --html, --plots and --csv, each file whole or not at all.
void write_reports(const BenchOptions& options, const nlohmann::json& report);

}  // namespace stac::tools
