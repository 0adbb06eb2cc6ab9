// How fast the model is, beside its dense source.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "bench/bench_options.hpp"
#include "stac/cli/console.hpp"
#include "stac/convert/opened_model.hpp"

namespace stac::tools {

/// Prints the table and adds its numbers to the report.
/// @param open_seconds  that opening the model took; its network is built here
void bench_speed(const BenchOptions& options, const convert::OpenedModel& model, double open_seconds,
                 cli::Console& console, nlohmann::json& report);

/// Where that time goes.
void bench_profile(const BenchOptions& options, const convert::OpenedModel& model, cli::Console& console,
                   nlohmann::json& report);

/// The same of several conversations in one forward beside one (--parallel, which has to be given).
void bench_parallel(const BenchOptions& options, const convert::OpenedModel& model, cli::Console& console,
                    nlohmann::json& report);

/// The same of long windows beside short ones.
void bench_window_speed(const BenchOptions& options, const convert::OpenedModel& model, cli::Console& console,
                        nlohmann::json& report);

}  // namespace stac::tools
