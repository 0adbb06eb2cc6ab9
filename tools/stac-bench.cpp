// stac-bench: is it still the model, what did its neurons do, what would that save, and how fast is it.
#include <ATen/Parallel.h>

#include <chrono>
#include <optional>

#include "bench/bench_options.hpp"
#include "bench/report_files.hpp"
#include "bench/speed_bench.hpp"
#include "bench/sweep_bench.hpp"
#include "bench/text_bench.hpp"
#include "stac/cli/bench_report.hpp"
#include "stac/cli/tool.hpp"
#include "stac/energy/energy_model.hpp"
#include "stac/model/matmul_benchmark.hpp"

namespace {

using namespace stac;
using tools::BenchOptions;

void bench_model(const BenchOptions& options, cli::Console& console, nlohmann::json& report) {
  const auto start = std::chrono::steady_clock::now();
  const convert::OpenedModel model = cli::open_model(
      options.model, console, [&](const model::TransformerConfig& config) { options.require_fits(config); });
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report = cli::model_json(model);
  if (options.needs_text()) tools::bench_text(options, model, console, report);
  if (options.speed) tools::bench_speed(options, model, seconds, console, report);
  if (options.kernel_times) tools::bench_profile(options, model, console, report);
  if (options.parallel) tools::bench_parallel(options, model, console, report);
  if (options.window_speed) tools::bench_window_speed(options, model, console, report);
}

void bench_matmul(bool is_first, cli::Console& console, nlohmann::json& report) {
  const double gflops = model::measure_matmul_gflops();
  report["matmul"] = cli::matmul_json(gflops, at::get_num_threads());
  console.print((is_first ? "" : "\n") + cli::matmul_text(gflops, at::get_num_threads()));
}

cli::ExitStatus bench(const BenchOptions& options, cli::Console& console) {
  nlohmann::json report;
  static_cast<void>(energy::find_energy_model(options.energy_model()));  // a wrong name is told before the work
  options.require_valid();
  options.require_writable(console.options().json);
  if (options.wants_matmul() && console.options().device == "cuda") {
    throw UsageError("--device cuda: the dense product that is measured (--matmul) is the CPU's",
                     "leave it out, or choose what to measure of a model (--energy, --speed, ...)");
  }
  const bool needs_model = options.needs_text() || options.measures_speed();
  std::optional<tools::SweptModel> swept;
  if (options.sweep) swept.emplace(options, console);
  if (needs_model) bench_model(options, console, report);
  if (swept) tools::bench_sweep(options, *swept, console, report);
  if (options.wants_matmul()) bench_matmul(!needs_model && !options.sweep, console, report);
  tools::write_reports(options, report);
  console.report(report);
  return cli::ExitStatus::done;
}

}  // namespace

int main(int argc, char** argv) {
  return stac::cli::run<BenchOptions>(
      argc, argv,
      {"stac-bench",
       "Measures a spiking model: quality against its dense source, spikes, energy, speed.",
       {"stac-bench --energy", "stac-bench --perplexity text.txt --json=report.json",
        "stac-bench --energy --energy-model loihi", "stac-bench --speed --threads 2"}},
      bench);
}
