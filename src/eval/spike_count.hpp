// Spikes and additions of a forward counted neuron by neuron, without any engine: each membrane that a site was shown
// is spoken by a neuron of its own, stepped through its window.
#pragma once
#include <map>

#include "stac/snn/ledger.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/site_observer.hpp"

namespace stac::eval {

/// Counts of projections and queries over one text that is read from its start; the softmax is not shown to observers.
class SpikeCount final : public snn::SiteObserver {
 public:
  SpikeCount(const model::TransformerConfig& config, const snn::Plan& plan) : config_(config), plan_(plan) {}

  void see(snn::SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) override;

  [[nodiscard]] const snn::SiteCounts& at(snn::SiteId where) { return counts_[where]; }

 private:
  /// Targets of each spike of the token at this position.
  [[nodiscard]] std::uint64_t fan_out(snn::SiteId where, std::int64_t position) const;

  const model::TransformerConfig& config_;
  const snn::Plan& plan_;
  std::map<snn::SiteId, snn::SiteCounts> counts_;
  std::map<snn::SiteId, std::int64_t> rows_seen_;
};

}  // namespace stac::eval
