#include "stac/snn/spiking_head.hpp"

#include <ATen/ops/empty.h>

#include "stac/snn/folding.hpp"

namespace stac::snn {

SpikingHead::SpikingHead(const model::TransformerConfig& config, const model::TransformerWeights& weights,
                         const Plan& plan, const Engine& engine, const QuantizedWeights& quantized)
    : config_(config), projection_(engine.projection(fold_head(quantized, weights, plan))) {}

at::Tensor SpikingHead::logits(const Rows& stream, Ledger& ledger) const {
  const std::int64_t tokens = static_cast<std::int64_t>(stream.size()) / config_.hidden_size;
  at::Tensor result = at::empty({tokens, config_.vocab_size}, at::kFloat);
  const Rows membranes = stored(config_.storage.membranes, normalised(config_, stream));
  ledger.add(config_.layers, Site::head, projection_->run(membranes.data(), tokens, result.data_ptr<float>()));
  if (config_.logit_scale != 1.0) result.mul_(config_.logit_scale);
  return result;
}

}  // namespace stac::snn
