#include "bench/sweep_bench.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "stac/cli/bench_report.hpp"
#include "stac/cli/storage_flags.hpp"
#include "stac/cli/table.hpp"
#include "stac/eval/model_energy.hpp"
#include "stac/eval/quality.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/io/json_file.hpp"
#include "stac/io/sha256.hpp"
#include "stac/report/page.hpp"
#include "stac/version.hpp"

namespace stac::tools {

namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

/// Everything that a point's numbers depend on: a file of another identity is measured again.
json identity_of(const BenchOptions& options, const SweptModel& swept, const SweepPoint& point,
                 const cli::Console& console) {
  const eval::TextPlan plan = options.text_plan({});
  json identity = swept.identity(point);
  identity.update({{"text", io::sha256_of_file(plan.file)},
                   {"context", options.context.value_or(0)},
                   {"windows", plan.windows.value_or(0)},
                   {"bos", options.bos},
                   {"energy_model", options.energy_model()},
                   {"seed", console.options().seed},
                   {"version", kVersion}});
  return identity;
}

json measure(const BenchOptions& options, SweptModel& swept, const SweepPoint& point, cli::Console& console) {
  const convert::OpenedModel model = swept.open(point, console);
  const eval::TokenWindows text = eval::read_windows(model, options.text_plan(model.config()));
  const snn::SpikingModel& network = model.spiking(options.model.engine_kind());
  cli::ProgressBar bar = console.progress(point.name());
  const eval::Quality quality =
      eval::measure_quality(model, network, text, static_cast<std::uint64_t>(console.options().seed),
                            [&](std::int64_t done, std::int64_t total) { bar.update(done, total); });
  const auto start = Clock::now();
  eval::TokenWindows first = text;
  first.windows.resize(1);
  static_cast<void>(eval::measure_perplexity(*network.start(), first));
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  bar.finish();
  const energy::TextsRead read = eval::texts_read(text);
  const energy::SpikingRun run{model.config(), model.plan(), quality.ledger, read, eval::has_int8_weights(model)};
  const energy::Comparison comparison =
      energy::compare(energy::find_energy_model(options.energy_model()), run, std::nullopt);
  json energies;
  for (const energy::Contender& baseline : comparison.baselines) {
    const energy::Ratios ratios = energy::ratios(comparison.spikes, baseline);
    energies[baseline.name] = {
        {"products", ratios.products}, {"compute", ratios.compute}, {"with_memory", ratios.with_memory}};
  }
  const auto& fidelity = quality.fidelity;
  return {{"storage", cli::storage_json(model.config().storage)},
          {"timesteps", model.plan().longest_window()},
          {"latency", model.plan().latency()},
          {"perplexity", quality.spiking.perplexity},
          {"ratio", fidelity ? json(fidelity->ratio) : json(nullptr)},
          {"kl", fidelity ? json(fidelity->kl) : json(nullptr)},
          {"top1_agreement", fidelity ? json(fidelity->top1_agreement) : json(nullptr)},
          {"additions_per_mac", quality.ledger.additions_per_mac()},
          {"spikes", quality.ledger.total().spikes},
          {"energy_ratio", energies.at("dense f32").at("products")},
          {"energy_ratios", std::move(energies)},
          {"seconds", seconds}};
}

/// A point may be kept under other settings that come to the same.
json with_names(json measured, const SweepPoint& point) {
  measured["name"] = point.name();
  measured["settings"] = json::object();
  for (const auto& [key, value] : point.settings) measured["settings"][key] = value;
  return measured;
}

/// The kept point where its file is of this identity; else measured, and kept.
json point_of(const BenchOptions& options, SweptModel& swept, const SweepPoint& point,
              const std::filesystem::path& folder, cli::Console& console) {
  const json identity = identity_of(options, swept, point, console);
  const std::filesystem::path file = folder / ("point-" + io::sha256_of(identity.dump()).substr(0, 16) + ".json");
  if (std::filesystem::exists(file)) {
    const json kept = io::read_json_file(file);
    if (kept.is_object() && kept.value("identity", json()) == identity) {
      console.note(point.name() + ": kept from before");
      return with_names(kept.at("point"), point);
    }
  }
  json measured = with_names(measure(options, swept, point, console), point);
  io::write_file_atomically(file, json({{"identity", identity}, {"point", measured}}).dump(2) + "\n");
  return measured;
}

double quality_of(const json& point) {
  return point.at("kl").is_number() ? point.at("kl").get<double>() : point.at("perplexity").get<double>();
}

/// Whether another point of the same storage is at least as good in quality and cost, and better in one. Storage saves
/// neither spikes nor timesteps: beside f32 it would only look worse.
bool is_beaten(const json& point, const json& points, const char* cost) {
  return std::any_of(points.begin(), points.end(), [&](const json& other) {
    if (other.at("storage") != point.at("storage")) return false;
    const double quality = quality_of(point) - quality_of(other);
    const double saved = point.at(cost).get<double>() - other.at(cost).get<double>();
    return quality >= 0.0 && saved >= 0.0 && (quality > 0.0 || saved > 0.0);
  });
}

std::string points_text(const json& points) {
  cli::Table table({{"point"},
                    {"ppl", cli::Align::right},
                    {"KL", cli::Align::right},
                    {"top-1", cli::Align::right},
                    {"adds/MAC", cli::Align::right},
                    {"/ f32", cli::Align::right},
                    {"+ memory", cli::Align::right},
                    {"T", cli::Align::right},
                    {"front"}});
  for (const json& point : points) {
    const bool has_source = point.at("ratio").is_number();
    const bool spikes = point.at("on_spike_front").get<bool>(), time = point.at("on_time_front").get<bool>();
    table.add({point.at("name").get<std::string>(),
               has_source ? cli::signed_percent(point.at("ratio").get<double>() - 1.0, 2)
                          : cli::fixed(point.at("perplexity").get<double>(), 3),
               has_source ? cli::fixed(point.at("kl").get<double>(), 4) : "-",
               has_source ? cli::fixed(100.0 * point.at("top1_agreement").get<double>(), 1) + "%" : "-",
               cli::fixed(point.at("additions_per_mac").get<double>(), 3),
               cli::fixed(point.at("energy_ratio").get<double>(), 3),
               cli::fixed(point.at("energy_ratios").at("dense f32").at("with_memory").get<double>(), 3),
               point.at("timesteps").dump(),
               spikes && time ? "spikes, T"
               : spikes       ? "spikes"
               : time         ? "T"
                              : ""});
  }
  return table.str() +
         "/ f32: energy of SynOps over dense f32 products; + memory: of everything, over everything of dense f32.\n"
         "front: no other point of its storage is as good for less.\n";
}

}  // namespace

void mark_fronts(json& points) {
  const json all = points;
  for (json& point : points) {
    point["on_spike_front"] = !is_beaten(point, all, "additions_per_mac");
    point["on_time_front"] = !is_beaten(point, all, "timesteps");
  }
}

void bench_sweep(const BenchOptions& options, SweptModel& swept, cli::Console& console, json& report) {
  const std::vector<SweepPoint>& points = swept.points();
  const std::filesystem::path folder = options.sweep_folder.value_or("stac-sweep");
  std::filesystem::create_directories(folder);
  json measured = json::array();
  cli::ProgressBar bar = console.progress("sweep");
  for (const SweepPoint& point : points) {
    bar.update(static_cast<std::int64_t>(measured.size()), static_cast<std::int64_t>(points.size()));
    measured.push_back(point_of(options, swept, point, folder, console));
  }
  bar.finish();
  mark_fronts(measured);
  report["sweep"] = {{"specification", *options.sweep},
                     {"model", swept.folder().string()},
                     {"text", options.text_plan({}).file.string()},
                     {"seed", console.options().seed},
                     {"energy_model", options.energy_model()},
                     {"points", measured}};
  const json alone = {{"sweep", report["sweep"]}};
  io::write_file_atomically(folder / "sweep.json", report["sweep"].dump(2) + "\n");
  io::write_file_atomically(folder / "sweep.csv", report::csv(alone));
  console.print("\n" + points_text(measured) + "kept in " + folder.string() + ": sweep.json, sweep.csv\n");
}

}  // namespace stac::tools
