// Is what leaves this library still the network?
#include <ATen/core/grad_mode.h>

#include <filesystem>
#include <optional>
#include <string>

#include "check_list.hpp"
#include "formatted.hpp"
#include "stac/error.hpp"
#include "stac/torchscript/network_module.hpp"
#include "stac/torchscript/parity.hpp"

namespace stac::eval {
namespace {

/// Why the model has no module; empty where it can have one.
std::string not_exportable(const model::TransformerConfig& config) {
  try {
    torchscript::require_exportable(config);
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

/// What was exported of the model, as far as it is known.
std::optional<std::filesystem::path> exported_file(const CheckRun& run) {
  if (run.plan().module_file) return run.plan().module_file;
  const nlohmann::json& manifest = run.model().manifest();
  if (!manifest.contains("files") || !manifest.at("files").contains(torchscript::kModuleFile)) return std::nullopt;
  return run.model().folder() / torchscript::kModuleFile;
}

/// The file's module, or one that is made of the model.
torch::jit::Module module_of(CheckRun& run, const std::optional<std::filesystem::path>& file) {
  if (file) return torchscript::open_module(*file);
  torch::jit::Module module = torchscript::saved_and_opened(torchscript::network_module(run.model().network_parts()));
  run.parts().change_module(module);
  return module;
}

}  // namespace

CheckResult check_torchscript(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  const std::string reason = not_exportable(run.model().config());
  if (!reason.empty()) return skipped(reason);
  const std::optional<std::filesystem::path> file = exported_file(run);
  torch::jit::Module module = module_of(run, file);
  const model::Storage storage = torchscript::storage_of(module);
  const bool as_the_run = storage == run.model().config().storage;
  const snn::SpikingModel engine = as_the_run ? run.spiking() : run.stored_in(storage, run.plan().engine);
  const torchscript::Parity parity = torchscript::measure_parity(module, engine, {run.random_text()});
  const bool is_plain = as_the_run && storage == model::Storage{};
  const std::string stored = is_plain ? "" : ", which stores " + model::storage_name(storage);
  return judged(
      torchscript::holds(parity),
      formatted("%s%s: spikes x%.6f of the engine's, perplexity x%.6f, top-1 %.2f%% of %lld tokens",
                file ? file->filename().c_str() : "exported in memory", stored.c_str(), parity.spike_ratio(),
                parity.perplexity_ratio(), 100.0 * parity.top1_agreement, static_cast<long long>(parity.positions)),
      "spikes and perplexity within 0.1%, each layer's spikes within 1%, top-1 >= 99%");
}

}  // namespace stac::eval
