#include "convert/sensitivity.hpp"

#include <numeric>
#include <utility>

#include "stac/model/logit_scores.hpp"
#include "stac/snn/folding.hpp"

namespace stac::convert {

using snn::Site;

SensitivityMeter::SensitivityMeter(const snn::NetworkParts& network, energy::EnergyModel prices,
                                   const model::Texts& samples)
    : network_(network),
      engine_(snn::make_engine(snn::EngineKind::fused)),
      prices_(std::move(prices)),
      head_(head_of(network.plan)) {
  const snn::Embedding embedding(network.weights->token_embedding, network.weights->position_embedding);
  snn::Rows hidden;
  for (const auto& sample : samples) {
    embedding.append(sample, 0, hidden);
    read_.lengths.push_back(static_cast<std::int64_t>(sample.size()));
    tokens_ += read_.lengths.back();
  }
  snn::Ledger ledger(network.config.layers);
  before_.push_back(hidden);
  for (std::int64_t layer = 0; layer < network.config.layers; ++layer) {
    blocks_.push_back(block_of(layer, network.plan));
    blocks_.back().read(read_.lengths, hidden, ledger);
    before_.push_back(hidden);
  }
  reference_ = head_.logits(hidden, ledger);
}

Alternative SensitivityMeter::measure(snn::SiteId where, Alternative alternative) const {
  snn::Plan plan = network_.plan;
  snn::Population& population = plan.at(where.layer, where.site);
  population.code = alternative.code;
  population.group = alternative.group;
  snn::Ledger ledger(network_.config.layers);
  snn::Rows hidden = before_[where.layer];
  at::Tensor changed;
  if (where.site == Site::head) {
    changed = head_of(plan).logits(hidden, ledger);
  } else {
    block_of(where.layer, plan).read(read_.lengths, hidden, ledger);
    for (std::int64_t layer = where.layer + 1; layer < network_.config.layers; ++layer) {
      blocks_[layer].read(read_.lengths, hidden, ledger);
    }
    changed = head_.logits(hidden, ledger);
  }
  const std::vector<double> kl = model::divergences(reference_, changed);
  const auto tokens = static_cast<double>(tokens_);
  alternative.kl = std::accumulate(kl.begin(), kl.end(), 0.0) / tokens;
  alternative.additions = static_cast<double>(ledger.counts(where.layer, where.site).additions) / tokens;
  alternative.energy = energy::site_compute(prices_, run_of(plan, ledger), where) / tokens;
  return alternative;
}

energy::SpikingRun SensitivityMeter::run_of(const snn::Plan& plan, const snn::Ledger& ledger) const {
  return {network_.config, plan, ledger, read_, !network_.quantized.empty()};
}

snn::SpikingBlock SensitivityMeter::block_of(std::int64_t layer, const snn::Plan& plan) const {
  return {network_.config, snn::block_behind(network_.quantized, network_.weights->blocks, layer),
          layer,           plan,
          *engine_,        network_.quantized};
}

snn::SpikingHead SensitivityMeter::head_of(const snn::Plan& plan) const {
  return {network_.config, *network_.weights, plan, *engine_, network_.quantized};
}

}  // namespace stac::convert
