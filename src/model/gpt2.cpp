#include "stac/model/gpt2.hpp"

#include <ATen/ATen.h>

#include <stdexcept>

#include "model/dense_input.hpp"

namespace stac::model {
namespace {

void show(const ResidualObserver& observer, std::size_t layer, const at::Tensor& x) {
  const at::Tensor stream = x.contiguous();
  observer(static_cast<std::int64_t>(layer), {stream.data_ptr<float>(), static_cast<std::size_t>(stream.numel())});
}

}  // namespace

Gpt2BlockImpl::Gpt2BlockImpl(const TransformerConfig& config, const Block& block, std::int64_t layer)
    : attention_norm_(register_module("attention_norm", NormLayer(block.attention_norm, config.norm_eps))),
      attention_(register_module("attention", Attention(config, block, layer))),
      mlp_norm_(register_module("mlp_norm", NormLayer(block.mlp_norm, config.norm_eps))),
      mlp_(register_module("mlp", Mlp(config, block))) {}

at::Tensor Gpt2BlockImpl::forward(const at::Tensor& x, const AttentionMask& mask, KvCache* cache) const {
  const at::Tensor attended = x + attention_->forward(attention_norm_->forward(x), mask, cache);
  return attended + mlp_->forward(mlp_norm_->forward(attended));
}

Gpt2Impl::Gpt2Impl(const TransformerConfig& config, const TransformerWeights& weights)
    : config_(config),
      token_embedding_(register_parameter("token_embedding", weights.token_embedding, false)),
      position_embedding_(register_parameter("position_embedding", weights.position_embedding, false)),
      final_norm_(register_module("final_norm", NormLayer(weights.final_norm, config.norm_eps))),
      head_(register_module("head", ProjectionLayer(weights.head))) {
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    const Block& block = weights.blocks.at(static_cast<std::size_t>(layer));
    blocks_.push_back(register_module("block" + std::to_string(layer), Gpt2Block(config, block, layer)));
  }
}

at::Tensor Gpt2Impl::forward(const DenseInput& input, KvCache* cache, LogitRows rows,
                             const ResidualObserver& observer) const {
  const at::NoGradGuard no_gradients;
  const std::int64_t past = cache ? cache->length() : 0;
  const DenseInput complete = completed(input, past, config_);
  const std::int64_t count = complete.input_ids.size(1);
  const AttentionMask mask = causal_mask(past, count, complete.attention_mask);
  at::Tensor x =
      at::embedding(token_embedding_, complete.input_ids) + at::embedding(position_embedding_, complete.position_ids);
  for (std::size_t layer = 0; layer < blocks_.size(); ++layer) {
    x = blocks_[layer]->forward(x, mask, cache);
    if (observer) show(observer, layer, x);
  }
  if (cache) cache->commit(count);
  if (rows == LogitRows::last) x = x.narrow(1, count - 1, 1);
  const at::Tensor logits = head_->forward(final_norm_->forward(x));
  return config_.logit_scale == 1.0 ? logits : logits * config_.logit_scale;
}

}  // namespace stac::model
