#include "stac/model/decoder.hpp"

#include <ATen/ATen.h>

#include <stdexcept>

#include "model/dense_input.hpp"

namespace stac::model {
namespace {

void require_same_angles(const TransformerConfig& config, std::int64_t past, std::int64_t length) {
  if (past == 0 || !config.rotary || !changes_angles(*config.rotary, length)) return;
  throw std::invalid_argument("beyond the original context dynamic rotary positions are read from the text's start");
}

void show(const ResidualObserver& observer, std::size_t layer, const at::Tensor& x) {
  const at::Tensor stream = x.contiguous();
  observer(static_cast<std::int64_t>(layer), {stream.data_ptr<float>(), static_cast<std::size_t>(stream.numel())});
}

}  // namespace

DecoderBlockImpl::DecoderBlockImpl(const TransformerConfig& config, const Block& block, std::int64_t layer)
    : attention_norm_(register_module("attention_norm", NormLayer(block.attention_norm, config))),
      attention_(register_module("attention", Attention(config, block, layer))),
      mlp_norm_(register_module("mlp_norm", NormLayer(block.mlp_norm, config))),
      mlp_(register_module("mlp", Mlp(config, block))) {}

at::Tensor DecoderBlockImpl::forward(const at::Tensor& x, const AttentionContext& context) const {
  const at::Tensor attended = x + attention_->forward(attention_norm_->forward(x), context);
  return attended + mlp_->forward(mlp_norm_->forward(attended));
}

DecoderImpl::DecoderImpl(const TransformerConfig& config, const TransformerWeights& weights)
    : config_(config),
      token_embedding_(register_parameter("token_embedding", weights.token_embedding, false)),
      final_norm_(register_module("final_norm", NormLayer(weights.final_norm, config))),
      head_(register_module("head", ProjectionLayer(weights.head))) {
  if (!config.rotary) {
    position_embedding_ = register_parameter("position_embedding", weights.position_embedding, false);
  }
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    const Block& block = weights.blocks.at(static_cast<std::size_t>(layer));
    blocks_.push_back(register_module("block" + std::to_string(layer), DecoderBlock(config, block, layer)));
  }
}

at::Tensor DecoderImpl::embed(const DenseInput& input) const {
  const at::Tensor tokens = at::embedding(token_embedding_, input.input_ids);
  return config_.rotary ? tokens : tokens + at::embedding(position_embedding_, input.position_ids);
}

at::Tensor DecoderImpl::forward(const DenseInput& input, KvCache* cache, LogitRows rows,
                                const ResidualObserver& observer) const {
  const at::NoGradGuard no_gradients;
  const std::int64_t past = cache ? cache->length() : 0;
  const DenseInput complete = completed(input, past, config_);
  const std::int64_t count = complete.input_ids.size(1);
  AttentionContext context{causal_mask(past, count, complete.attention_mask, 0),
                           causal_mask(past, count, complete.attention_mask, config_.sliding_window),
                           {},
                           cache};
  if (config_.rotary) {
    const std::int64_t length = complete.position_ids.max().item<std::int64_t>() + 1;
    require_same_angles(config_, past, length);
    context.turns = turns_at({*config_.rotary, config_.head_dim, length}, complete.position_ids);
  }
  at::Tensor x = embed(complete);
  for (std::size_t layer = 0; layer < blocks_.size(); ++layer) {
    x = blocks_[layer]->forward(x, context);
    if (observer) show(observer, layer, x);
  }
  if (cache) cache->commit(count);
  if (rows == LogitRows::last) x = x.narrow(1, count - 1, 1);
  const at::Tensor logits = head_->forward(final_norm_->forward(x));
  return config_.logit_scale == 1.0 ? logits : logits * config_.logit_scale;
}

}  // namespace stac::model
