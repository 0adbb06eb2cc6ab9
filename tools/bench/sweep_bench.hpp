// Many codes of one model: each combination made, measured, and kept in a file, so that none is done twice.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "bench/bench_options.hpp"
#include "bench/swept_model.hpp"
#include "stac/cli/console.hpp"

namespace stac::tools {

/// Prints the points and adds them to the report; writes sweep.json and sweep.csv into the folder of the sweep.
void bench_sweep(const BenchOptions& options, SweptModel& swept, cli::Console& console, nlohmann::json& report);

/// Sets "on_spike_front" and "on_time_front" of every point: no other of its storage is at least as good in quality
/// (KL; perplexity where there is none) and in additions, or in timesteps, and better in one.
void mark_fronts(nlohmann::json& points);

}  // namespace stac::tools
