// What storage in fewer bytes costs.
#include <ATen/core/grad_mode.h>

#include <array>
#include <cmath>
#include <string>

#include "bits.hpp"
#include "check_list.hpp"
#include "findings.hpp"
#include "formatted.hpp"

namespace stac::eval {
namespace {

/// Networks that round apart, however little, differ in as many tokens as each does from its source: membranes near the
/// middle of two levels fall on either side. So one bar of agreement serves both; perplexity tells them apart.
constexpr double kAgreement = 0.95;  // top-1

/// bf16 keeps 8 bits of a membrane, f16 11; a window of eight steps says 9 of the row's largest. A cached byte keeps 7
/// of its head's largest.
struct StorageBar {
  model::Storage storage;
  double ratio;     ///< perplexity over that of f32 storage, either way
  double of_cache;  ///< bytes of a cache over those of f32, at most
};
constexpr std::array kBars{
    StorageBar{{model::MembraneFormat::bf16, model::CacheFormat::bf16}, 0.01, 0.5},
    StorageBar{{model::MembraneFormat::f16, model::CacheFormat::f16}, 0.005, 0.5},
    StorageBar{{model::MembraneFormat::f32, model::CacheFormat::int8}, 0.02, 0.3},
};

std::string bars() {
  std::string text;
  for (const StorageBar& bar : kBars) {
    text += formatted("%s within %g%% in %g of the cache; ", model::storage_name(bar.storage).c_str(),
                      100.0 * bar.ratio, bar.of_cache);
  }
  return text + formatted("top-1 >= %g%%, the engines equal", 100.0 * kAgreement);
}

Fidelity against(const snn::SpikingModel& wide, const snn::SpikingModel& stored, CheckRun& run) {
  return measure_fidelity(*wide.start(), *stored.start(), run.text().windows, run.plan().seed, run.plan().progress);
}

/// Of a whole context.
std::uint64_t cache_bytes(const snn::SpikingModel& model) {
  return model.network().new_state().bytes_after(model.config().max_positions);
}

}  // namespace

CheckResult check_mixed_precision(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  const auto ids = run.random_text();
  const snn::SpikingModel wide = run.stored_in(model::Storage{}, snn::EngineKind::fused);
  Findings findings;
  std::string measured;
  for (const StorageBar& bar : kBars) {
    const std::string name = model::storage_name(bar.storage);
    const snn::SpikingModel stored = run.stored_in(bar.storage, snn::EngineKind::fused);
    const snn::SpikingModel literal = run.stored_in(bar.storage, snn::EngineKind::temporal);
    const Fidelity cost = against(wide, stored, run);
    measured += formatted("%s: perplexity x%.4f, top-1 %.2f%% beside f32; ", name.c_str(), cost.ratio,
                          100.0 * cost.top1_agreement);
    findings.expect(std::abs(cost.ratio - 1.0) <= bar.ratio, name + " changes the perplexity by more");
    findings.expect(cost.top1_agreement >= kAgreement, name + " has other most likely tokens");
    findings.expect(same_bits(stored.start()->append(ids, model::LogitRows::all),
                              literal.start()->append(ids, model::LogitRows::all)),
                    name + ": the engines differ");
    findings.expect(static_cast<double>(cache_bytes(stored)) <= bar.of_cache * static_cast<double>(cache_bytes(wide)),
                    name + ": the cache takes more bytes");
  }
  return findings.result(measured + "costs and engines", bars());
}

}  // namespace stac::eval
