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

DecoderHeadImpl::DecoderHeadImpl(const TransformerConfig& config, const TransformerWeights& weights)
    : logit_scale_(config.logit_scale),
      final_norm_(register_module("final_norm", NormLayer(weights.final_norm, config))),
      projection_(register_module("projection", ProjectionLayer(weights.head()))) {}

at::Tensor DecoderHeadImpl::forward(const at::Tensor& x) const {
  const at::Tensor logits = projection_->forward(final_norm_->forward(x));
  return logit_scale_ == 1.0 ? logits : logits * logit_scale_;
}

at::Tensor embedded(const TransformerConfig& config, const at::Tensor& tokens, const at::Tensor& positions,
                    const DenseInput& input) {
  const at::Tensor rows = at::embedding(tokens, input.input_ids);
  return config.rotary ? rows : rows + at::embedding(positions, input.position_ids);
}

AttentionContext attention_context(const TransformerConfig& config, const DenseInput& input, KvCache* cache) {
  const std::int64_t past = cache ? cache->length() : 0, count = input.input_ids.size(1);
  AttentionContext context{causal_mask(past, count, input.attention_mask, 0),
                           causal_mask(past, count, input.attention_mask, config.sliding_window),
                           {},
                           cache};
  if (config.rotary) {
    const std::int64_t length = input.position_ids.max().item<std::int64_t>() + 1;
    require_same_angles(config, past, length);
    context.turns = turns_at({*config.rotary, config.head_dim, length}, input.position_ids);
  }
  return context;
}

DecoderImpl::DecoderImpl(const TransformerConfig& config, const TransformerWeights& weights)
    : config_(config),
      token_embedding_(register_parameter("token_embedding", weights.token_embedding, false)),
      head_(register_module("head", DecoderHead(config, weights))) {
  if (!config.rotary) {
    position_embedding_ = register_parameter("position_embedding", weights.position_embedding, false);
  }
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    blocks_.push_back(
        register_module("block" + std::to_string(layer), DecoderBlock(config, weights.blocks[layer], layer)));
  }
}

at::Tensor DecoderImpl::forward(const DenseInput& input, KvCache* cache, LogitRows rows) const {
  const at::NoGradGuard no_gradients;
  const std::int64_t past = cache ? cache->length() : 0;
  const DenseInput complete = completed(input, past, config_);
  const std::int64_t count = complete.input_ids.size(1);
  const AttentionContext context = attention_context(config_, complete, cache);
  at::Tensor x = embedded(config_, token_embedding_, position_embedding_, complete);
  for (const DecoderBlock& block : blocks_) x = block->forward(x, context);
  if (cache) cache->commit(count);
  if (rows == LogitRows::last) x = x.narrow(1, count - 1, 1);
  return head_->forward(x);
}

}  // namespace stac::model
