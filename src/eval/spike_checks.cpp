// Checks on what the neurons did.
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "check_list.hpp"
#include "formatted.hpp"
#include "stac/eval/evaluation_text.hpp"

namespace stac::eval {
namespace {

snn::Ledger ledger_of_random_text(const CheckRun& run) {
  const convert::OpenedModel& model = run.model();
  const CheckPlan& plan = run.plan();
  const at::NoGradGuard no_gradients;
  const std::int64_t length = std::min(plan.tokens, model.config().max_positions);
  const auto ids = random_windows(model.config().vocab_size, length, 1, plan.seed).windows.front();
  const auto sequence = model.spiking(plan.engine).start_spiking();
  static_cast<void>(sequence->append(ids, model::LogitRows::all));
  return sequence->ledger();
}

std::string place(const snn::Ledger& ledger, std::int64_t layer, snn::Site site) {
  const std::string where = layer < ledger.layers() ? "layer " + std::to_string(layer) + " " : "";
  return where + std::string(snn::site_name(site));
}

}  // namespace

CheckResult check_coverage(CheckRun& run) {
  const snn::Ledger ledger = ledger_of_random_text(run);
  const std::uint64_t driven = ledger.total().macs;
  return judged(driven == ledger.demanded_macs() && driven > 0,
                std::to_string(driven) + " of " + std::to_string(ledger.demanded_macs()) + " MACs driven by spikes",
                "all of them");
}

CheckResult check_spikes(CheckRun& run) {
  const snn::Ledger ledger = ledger_of_random_text(run);
  std::vector<std::string> silent;
  for (std::int64_t layer = 0; layer <= ledger.layers(); ++layer) {
    for (const snn::Site site : snn::kSites) {
      const snn::SiteCounts& counts = ledger.counts(layer, site);
      if (counts.windows > 0 && counts.spikes == 0) silent.push_back(place(ledger, layer, site));
    }
  }
  const std::string measured =
      formatted("%.3f additions per MAC, %zu sites silent", ledger.additions_per_mac(), silent.size());
  CheckResult result = judged(silent.empty(), measured, "no site silent; adaptive thresholds cannot saturate");
  for (const std::string& site : silent) result.details.push_back("silent: " + site);
  return result;
}

}  // namespace stac::eval
