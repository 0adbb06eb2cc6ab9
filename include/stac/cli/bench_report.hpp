// What stac-bench says: one JSON object, and the same figures as tables. Keys: docs/evaluation.md.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "stac/convert/opened_model.hpp"
#include "stac/energy/comparison.hpp"
#include "stac/energy/energy_estimate.hpp"
#include "stac/eval/batch_speed.hpp"
#include "stac/eval/quality.hpp"
#include "stac/eval/speed.hpp"
#include "stac/eval/window_speed.hpp"

namespace stac::cli {

/// {model, storage, timesteps, code, base}
[[nodiscard]] nlohmann::json model_json(const convert::OpenedModel& model);

/// {dense: {perplexity, distinct_predictions} or null, spiking: {perplexity, ratio, ratio_interval, kl, kl_interval,
/// top1_agreement, distinct_predictions}, text: {file, windows, context, bos, scored_tokens}}
[[nodiscard]] nlohmann::json quality_json(const eval::Quality& quality, const eval::TokenWindows& text,
                                          const std::filesystem::path& file);
[[nodiscard]] std::string quality_text(const eval::Quality& quality, const eval::TokenWindows& text,
                                       const std::filesystem::path& file);

/// [{relative_error}], a layer each. @param errors  see eval::layer_errors
[[nodiscard]] nlohmann::json layers_json(const std::vector<double>& errors);
/// In one line, with the layer that adds most.
[[nodiscard]] std::string layers_text(const std::vector<double>& errors);

/// {per_activation, coverage, macs, spikes, additions, silent, windows, sites: [{layer, site, macs, ...}]}
[[nodiscard]] nlohmann::json spikes_json(const snn::Ledger& ledger);

/// One line of figures over the whole run.
[[nodiscard]] std::string spikes_text(const snn::Ledger& ledger);

/// A row for each layer and site.
[[nodiscard]] std::string sites_text(const snn::Ledger& ledger);

/// {sites: [{layer, site, additions, membrane_updates, ...}], total: {...}, non_spiking: {norms: {f32_add, ...}}}
[[nodiscard]] nlohmann::json operations_json(const energy::SpikingRun& run);
/// How often each operation was done, in all and per token.
[[nodiscard]] std::string operations_text(const energy::SpikingRun& run);

/// {model, tokens, adder, ratio, contenders: [{name, products, compute, with_memory, parts, lines, ratios}], verdict,
/// closed_form, figures}
[[nodiscard]] nlohmann::json energy_json(const energy::Comparison& comparison, const energy::EnergyEstimate& products);
/// Every contender's totals, their parts, who wins, and the Python project's closed form.
[[nodiscard]] std::string energy_text(const energy::Comparison& comparison);

/// {gflops, shape, threads}
[[nodiscard]] nlohmann::json matmul_json(double gflops, int threads);
[[nodiscard]] std::string matmul_text(double gflops, int threads);

/// What stands beside the speed of a model.
struct SpeedSetting {
  int threads = 0;
  double load_seconds = 0.0;        ///< opening the model and building its network
  std::uint64_t peak_bytes = 0;     ///< largest resident memory of the process
  double memory_bandwidth = 0.0;    ///< bytes per second that a probe read, in the same run
  std::uint64_t spiking_bytes = 0;  ///< of the weights, as a decoded token reads them
  std::uint64_t dense_bytes = 0;    ///< the same of the dense model
  model::Storage storage = {};      ///< of the spiking network
};

/// {spiking: {prefill_tokens_per_second, decode_tokens_per_second, ...}, dense: the same or null, ratio, ...}
[[nodiscard]] nlohmann::json speed_json(const eval::Speed& speed, const eval::SpeedPlan& plan,
                                        const SpeedSetting& setting);
[[nodiscard]] std::string speed_text(const eval::Speed& speed, const eval::SpeedPlan& plan,
                                     const SpeedSetting& setting);

/// {conversations, prompt_tokens, gen_tokens, repetitions, threads, one: {tokens_per_second, range}, together, ratio}
[[nodiscard]] nlohmann::json batch_speed_json(const eval::BatchSpeed& speed, const eval::SpeedPlan& plan, int threads);
[[nodiscard]] std::string batch_speed_text(const eval::BatchSpeed& speed, const eval::SpeedPlan& plan, int threads,
                                           const model::Storage& storage);

/// Long windows over short ones.
[[nodiscard]] nlohmann::json window_speed_json(const std::vector<eval::WindowSpeed>& measured);
[[nodiscard]] std::string window_speed_text(const std::vector<eval::WindowSpeed>& measured);

}  // namespace stac::cli
