#include "stac/report/plots.hpp"

#include <iterator>
#include <nlohmann/json.hpp>

namespace stac::report {

std::vector<Plot> all_plots(const nlohmann::json& report) {
  std::vector<Plot> plots;
  const auto add = [&](const char* key, std::vector<Plot> (*draw)(const nlohmann::json&)) {
    if (!report.contains(key) || report.at(key).is_null() || report.at(key).empty()) return;
    std::vector<Plot> more = draw(report.at(key));
    plots.insert(plots.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  add("sweep", sweep_plots);
  add("energy", energy_plots);
  add("spikes", rate_plots);
  add("layers", error_plots);
  add("raster", spike_plots);
  add("kernel_times", profile_plots);
  return plots;
}

}  // namespace stac::report
