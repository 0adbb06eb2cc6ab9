// Recording spikes: the raster and membranes of a page, and files for anyone's own analysis.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <span>

#include "bench/bench_options.hpp"
#include "stac/cli/console.hpp"
#include "stac/convert/opened_model.hpp"

namespace stac::tools {

/// Runs the first tokens of a text on the temporal engine, adds the raster of one site to the report, and writes the
/// file of --spikes where one was asked for.
/// @throws stac::UsageError  --raster names no site of the model
void bench_spikes(const BenchOptions& options, const convert::OpenedModel& model, std::span<const std::int64_t> ids,
                  cli::Console& console, nlohmann::json& report);

}  // namespace stac::tools
