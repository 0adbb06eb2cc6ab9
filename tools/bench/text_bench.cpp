#include "bench/text_bench.hpp"

#include "bench/spike_bench.hpp"
#include "stac/cli/bench_report.hpp"
#include "stac/eval/int8_zeros.hpp"
#include "stac/eval/layer_errors.hpp"
#include "stac/eval/model_energy.hpp"
#include "stac/eval/quality.hpp"
#include "stac/snn/site_observer.hpp"

namespace stac::tools {

namespace {

void report_energy(const BenchOptions& options, const convert::OpenedModel& model, const snn::Ledger& ledger,
                   const energy::TextsRead& texts, const energy::KeptMacs& kept, cli::Console& console,
                   nlohmann::json& report) {
  const energy::EnergyModel energies = energy::find_energy_model(options.energy_model());
  const energy::SpikingRun run{model.config(), model.plan(), ledger, texts, eval::has_int8_weights(model)};
  const energy::Comparison comparison = energy::compare(energies, run, kept);
  report["operations"] = cli::operations_json(run);
  report["energy"] = cli::energy_json(comparison, eval::model_energy(model, energies, ledger));
  if (options.energy) console.print("\n" + cli::sites_text(ledger) + "\n" + cli::operations_text(run));
  console.print("\n" + cli::energy_text(comparison));
}

void report_layers(const convert::OpenedModel& model, const eval::TokenWindows& text, cli::Console& console,
                   nlohmann::json& report) {
  cli::ProgressBar bar = console.progress("comparing layers");
  const std::vector<double> errors =
      eval::layer_errors(model, text, [&](std::int64_t done, std::int64_t total) { bar.update(done, total); });
  bar.finish();
  if (errors.empty()) return;
  report["layers"] = cli::layers_json(errors);
  console.print("\n" + cli::layers_text(errors));
}

}  // namespace

void bench_text(const BenchOptions& options, const convert::OpenedModel& model, cli::Console& console,
                nlohmann::json& report) {
  const eval::TextPlan plan = options.text_plan(model.config());
  const eval::TokenWindows text = eval::read_windows(model, plan);
  eval::Int8Zeros zeros(model.config());
  const snn::SpikingModel network =
      options.wants_energy()
          ? model.network(model.plan(), snn::observed(model.engine(options.model.engine_kind()), zeros),
                          model.config().storage)
          : model.spiking(options.model.engine_kind());
  cli::ProgressBar bar = console.progress("reading " + plan.file.filename().string());
  const eval::Quality quality =
      eval::measure_quality(model, network, text, static_cast<std::uint64_t>(console.options().seed),
                            [&](std::int64_t done, std::int64_t total) { bar.update(done, total); });
  bar.finish();
  report.update(cli::quality_json(quality, text, plan.file));
  report["spikes"] = cli::spikes_json(quality.ledger);
  console.print(cli::quality_text(quality, text, plan.file) + "\n" + cli::spikes_text(quality.ledger));
  report_layers(model, text, console, report);
  if (options.wants_energy()) {
    report_energy(options, model, quality.ledger, eval::texts_read(text), zeros.kept(), console, report);
  }
  if (options.wants_spikes()) bench_spikes(options, model, text.windows.front(), console, report);
}

}  // namespace stac::tools
