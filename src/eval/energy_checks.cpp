// The counts that an energy figure rests on, and the figure.
#include <ATen/core/grad_mode.h>

#include <cstdint>
#include <tuple>

#include "check_list.hpp"
#include "findings.hpp"
#include "formatted.hpp"
#include "sites.hpp"
#include "spike_count.hpp"
#include "stac/eval/model_energy.hpp"
#include "stac/io/data_paths.hpp"
#include "visible_keys.hpp"

namespace stac::eval {
namespace {

energy::EnergyEstimate estimate(const CheckRun& run, const snn::Ledger& ledger) {
  return model_energy(run.model(), energy::load_energy_model(io::find_data("configs/energy/horowitz-45nm.json")),
                      ledger);
}

class EnergyCheck {
 public:
  explicit EnergyCheck(CheckRun& run)
      : run_(run), config_(run.model().config()), plan_(run.network_plan()), count_(config_, plan_) {}

  [[nodiscard]] CheckResult result() {
    const auto ids = run_.random_text();
    const snn::SpikingModel network = run_.observed(count_);
    const auto sequence = network.start_spiking();
    static_cast<void>(sequence->append(ids, model::LogitRows::all));
    const auto stepped = run_.spiking(snn::EngineKind::temporal).start_spiking();
    static_cast<void>(stepped->append(ids, model::LogitRows::all));
    const snn::Ledger& ledger = sequence->ledger();
    snn::Ledger recounted(config_.layers);
    for_each_counted_site(ledger, [&](std::int64_t layer, snn::Site site, const snn::SiteCounts& counts) {
      const snn::SiteCounts expected =
          recount({layer, site}, stepped->ledger().counts(layer, site), sequence->length());
      recounted.add(layer, site, expected);
      compare(site_text(ledger, layer, site), counts, expected);
    });
    findings_.expect(ledger.demanded_macs() == recounted.total().macs,
                     "the model's shape demands " + std::to_string(recounted.total().macs) + " MACs, not " +
                         std::to_string(ledger.demanded_macs()));
    const energy::EnergyEstimate told = estimate(run_, ledger), found = estimate(run_, recounted);
    findings_.expect(told.ratio == found.ratio,
                     formatted("the ratio is told as %.6g, and is %.6g", told.ratio, found.ratio));
    const snn::SiteCounts total = recounted.total();
    return findings_.result(
        formatted("%llu spikes, %llu additions, %llu MACs on %zu random tokens",
                  static_cast<unsigned long long>(total.spikes), static_cast<unsigned long long>(total.additions),
                  static_cast<unsigned long long>(total.macs), ids.size()),
        "every count of every site equal to the recount");
  }

 private:
  /// What the site should have counted. Neurons of projections and queries are stepped here one by one; the softmax's,
  /// which nobody else can see, are those of the temporal engine, which adds up spike by spike.
  [[nodiscard]] snn::SiteCounts recount(snn::SiteId where, const snn::SiteCounts& stepped, std::int64_t tokens) {
    if (where.site != snn::Site::mix) return count_.at(where);
    const auto heads = static_cast<std::uint64_t>(config_.heads), dim = static_cast<std::uint64_t>(config_.head_dim);
    const std::uint64_t keys = keys_visible(config_, where.layer, 0, tokens);
    return {heads * dim * keys,   heads * keys,      stepped.silent,      stepped.spikes,
            stepped.spikes * dim, stepped.saturated, stepped.silent * dim};
  }

  void compare(const std::string& where, const snn::SiteCounts& told, const snn::SiteCounts& found) {
    const std::tuple<const char*, std::uint64_t, std::uint64_t> counts[] = {
        {"MACs", told.macs, found.macs},
        {"windows", told.windows, found.windows},
        {"silent windows", told.silent, found.silent},
        {"spikes", told.spikes, found.spikes},
        {"additions", told.additions, found.additions},
        {"full windows", told.saturated, found.saturated},
        {"MACs of silent windows", told.silent_macs, found.silent_macs}};
    for (const auto& [what, is_told, is_found] : counts) {
      findings_.expect(is_told == is_found, where + ": " + std::to_string(is_told) + " " + what + " are told, " +
                                                std::to_string(is_found) + " found");
    }
  }

  CheckRun& run_;
  const model::TransformerConfig& config_;
  snn::Plan plan_;
  SpikeCount count_;
  Findings findings_;
};

}  // namespace

CheckResult check_energy(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  return EnergyCheck(run).result();
}

CheckResult check_energy_range(CheckRun& run) {
  const energy::EnergyEstimate told = estimate(run, run.reading().ledger);
  const std::string measured = formatted("%.4f of the dense energy on ", told.ratio) + run.reading().text;
  const auto& range = run.plan().expect_energy;
  if (!range) return skipped(measured + "; no range to hold it against (--expect-energy LO:HI)");
  return judged(told.ratio >= range->low && told.ratio <= range->high, measured + " (" + told.model + ", SynOps)",
                formatted("from %g to %g", range->low, range->high));
}

}  // namespace stac::eval
