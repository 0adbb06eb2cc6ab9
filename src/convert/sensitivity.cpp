#include "convert/sensitivity.hpp"

#include <ATen/ops/empty.h>

#include <numeric>

#include "stac/model/logit_scores.hpp"
#include "stac/snn/folding.hpp"

namespace stac::convert {

using snn::Site;

SensitivityMeter::SensitivityMeter(const Network& network, const snn::Plan& finest,
                                   const std::vector<std::vector<std::int64_t>>& samples)
    : network_(network), finest_(finest), engine_(snn::make_engine(snn::EngineKind::fused)), head_(head_of(finest)) {
  const snn::Embedding embedding(network.weights.token_embedding, network.weights.position_embedding);
  snn::Rows hidden;
  for (const auto& sample : samples) {
    embedding.append(sample, 0, hidden);
    lengths_.push_back(static_cast<std::int64_t>(sample.size()));
    tokens_ += lengths_.back();
  }
  snn::Ledger ledger(network.config.layers);
  before_.push_back(hidden);
  for (std::int64_t layer = 0; layer < network.config.layers; ++layer) {
    blocks_.emplace_back(network.config, network.weights.blocks[layer], layer, finest, *engine_, network.quantized);
    run(blocks_.back(), hidden, ledger);
    before_.push_back(hidden);
  }
  reference_ = logits(*head_, hidden, ledger);
}

Alternative SensitivityMeter::measure(snn::SiteId where, Alternative alternative) const {
  snn::Plan plan = finest_;
  snn::Population& population = plan.at(where.layer, where.site);
  population.code = alternative.code;
  population.group = alternative.group;
  snn::Ledger ledger(network_.config.layers);
  snn::Rows hidden = before_[where.layer];
  at::Tensor changed;
  if (where.site == Site::head) {
    changed = logits(*head_of(plan), hidden, ledger);
  } else {
    run({network_.config, network_.weights.blocks[where.layer], where.layer, plan, *engine_, network_.quantized},
        hidden, ledger);
    for (std::int64_t layer = where.layer + 1; layer < network_.config.layers; ++layer) {
      run(blocks_[layer], hidden, ledger);
    }
    changed = logits(*head_, hidden, ledger);
  }
  const std::vector<double> kl = model::divergences(reference_, changed);
  const auto tokens = static_cast<double>(tokens_);
  alternative.kl = std::accumulate(kl.begin(), kl.end(), 0.0) / tokens;
  alternative.additions = static_cast<double>(ledger.counts(where.layer, where.site).additions) / tokens;
  return alternative;
}

void SensitivityMeter::run(const snn::SpikingBlock& block, snn::Rows& hidden, snn::Ledger& ledger) const {
  std::vector<std::unique_ptr<snn::AttentionMemory>> memories;
  std::vector<snn::SequenceRows> sequences;
  for (const std::int64_t length : lengths_) {
    memories.push_back(block.new_memory());
    sequences.push_back({length, memories.back().get()});
  }
  block.attend(sequences, hidden, ledger);
  block.feed_forward(hidden, ledger);
}

std::unique_ptr<snn::SpikingProjection> SensitivityMeter::head_of(const snn::Plan& plan) const {
  return engine_->projection(snn::fold(network_.quantized, network_.weights.head, network_.weights.final_norm, plan,
                                       {network_.config.layers, Site::head}));
}

at::Tensor SensitivityMeter::logits(const snn::SpikingProjection& head, const snn::Rows& hidden,
                                    snn::Ledger& ledger) const {
  at::Tensor result = at::empty({tokens_, network_.config.vocab_size}, at::kFloat);
  ledger.add(network_.config.layers, Site::head,
             head.run(snn::normalised(network_.config, hidden).data(), tokens_, result.data_ptr<float>()));
  return result;
}

}  // namespace stac::convert
