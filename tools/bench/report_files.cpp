#include "bench/report_files.hpp"

#include <nlohmann/json.hpp>

#include "stac/io/atomic_file.hpp"
#include "stac/report/page.hpp"
#include "stac/report/plots.hpp"

namespace stac::tools {

void write_reports(const BenchOptions& options, const nlohmann::json& report) {
  if (options.html) io::write_file_atomically(*options.html, report::page(report));
  if (options.csv) io::write_file_atomically(*options.csv, report::csv(report));
  if (!options.plots) return;
  for (const report::Plot& plot : report::all_plots(report)) {
    io::write_file_atomically(*options.plots / (plot.name + ".svg"), plot.drawing.file_text());
  }
}

}  // namespace stac::tools
