// The drawings of a report, each from the numbers of stac-bench's JSON object alone (docs/stac-bench.schema.json).
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "stac/report/svg.hpp"

namespace stac::report {

struct Plot {
  std::string name;     ///< of its file: "energy-compute"
  std::string title;    ///< over it
  std::string caption;  ///< under it: what is drawn, in which units
  Svg drawing;
};

/// Stacked bars of energy, a bar per contender: compute, and memory beside it.
[[nodiscard]] std::vector<Plot> energy_plots(const nlohmann::json& energy);
/// What neurons did, layer by layer and site by site: additions per MAC, silent neurons.
[[nodiscard]] std::vector<Plot> rate_plots(const nlohmann::json& spikes);
/// Relative error of the residual stream behind every layer.
[[nodiscard]] std::vector<Plot> error_plots(const nlohmann::json& layers);
/// Spikes of one site, tokens and timesteps to the right, neurons downwards; and membranes of some neurons.
[[nodiscard]] std::vector<Plot> spike_plots(const nlohmann::json& raster);
/// Quality against spikes and against time, the Pareto front marked.
[[nodiscard]] std::vector<Plot> sweep_plots(const nlohmann::json& sweep);

/// Time by kernel of a prompt and of decoding, a stacked bar each.
[[nodiscard]] std::vector<Plot> profile_plots(const nlohmann::json& profile);

/// All that the report has numbers for, in the order of the page.
[[nodiscard]] std::vector<Plot> all_plots(const nlohmann::json& report);

}  // namespace stac::report
