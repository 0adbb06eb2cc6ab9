#include "stac/model/layers.hpp"

#include <ATen/ATen.h>

#include <limits>

#include "stac/model/activation.hpp"
#include "stac/model/matmul.hpp"

namespace stac::model {

ProjectionLayerImpl::ProjectionLayerImpl(const Projection& projection)
    : weight_(register_parameter("weight", projection.weight, false)),
      bias_(projection.bias.defined() ? register_parameter("bias", projection.bias, false) : at::Tensor()) {}

at::Tensor ProjectionLayerImpl::forward(const at::Tensor& x) const { return matmul(x, weight_, bias_); }

NormLayerImpl::NormLayerImpl(const Norm& norm, double eps)
    : weight_(register_parameter("weight", norm.weight, false)),
      bias_(norm.bias.defined() ? register_parameter("bias", norm.bias, false) : at::Tensor()),
      eps_(eps) {}

at::Tensor NormLayerImpl::forward(const at::Tensor& x) const {
  return at::layer_norm(x, {x.size(-1)}, weight_, bias_, eps_);
}

AttentionMask causal_mask(std::int64_t past, std::int64_t queries, const at::Tensor& attention_mask) {
  const std::int64_t positions = past + queries;
  AttentionMask mask;
  if (queries > 1) {
    mask.blocked = at::ones({queries, positions}, at::kBool).triu(past + 1).view({1, 1, queries, positions});
  }
  if (!attention_mask.defined()) return mask;
  const at::Tensor pads = attention_mask.eq(0).view({-1, 1, 1, positions});
  mask.blocked = mask.blocked.defined() ? mask.blocked.logical_or(pads) : pads;
  return mask;
}

AttentionImpl::AttentionImpl(const TransformerConfig& config, const Block& block, std::int64_t layer)
    : layer_(layer),
      heads_(config.heads),
      kv_heads_(config.kv_heads),
      head_dim_(config.head_dim),
      scale_(config.attention_scale(layer)),
      query_(register_module("query", ProjectionLayer(block.query))),
      key_(register_module("key", ProjectionLayer(block.key))),
      value_(register_module("value", ProjectionLayer(block.value))),
      output_(register_module("output", ProjectionLayer(block.attention_output))) {}

at::Tensor AttentionImpl::split_heads(const at::Tensor& x, std::int64_t heads) const {
  return x.view({x.size(0), x.size(1), heads, head_dim_}).transpose(1, 2);
}

at::Tensor AttentionImpl::forward(const at::Tensor& x, const AttentionMask& mask, KvCache* cache) const {
  const at::Tensor queries = split_heads(query_->forward(x), heads_);
  KvCache::KeysValues past{split_heads(key_->forward(x), kv_heads_), split_heads(value_->forward(x), kv_heads_)};
  if (cache) past = cache->extend(layer_, past.keys, past.values);

  // [batch, kv_heads, heads per kv head, ..]: the keys and values of a group are one matrix, seen several times.
  const std::int64_t group = heads_ / kv_heads_;
  const at::Tensor grouped = queries.unflatten(1, {kv_heads_, group});
  const auto shared = [&](const at::Tensor& t) { return t.unsqueeze(2).expand({-1, -1, group, -1, -1}); };
  at::Tensor scores = batched_matmul_transposed(grouped, shared(past.keys), scale_);
  // The lowest float instead of -infinity: a pad that sees nothing gets finite, meaningless weights, not NaN.
  if (mask.blocked.defined()) {
    scores.masked_fill_(mask.blocked.unsqueeze(1), std::numeric_limits<float>::lowest());
  }
  const at::Tensor mixed = batched_matmul(at::softmax(scores, -1), shared(past.values)).flatten(1, 2);
  return output_->forward(mixed.transpose(1, 2).flatten(2));
}

MlpImpl::MlpImpl(const TransformerConfig& config, const Block& block)
    : activation_(config.activation),
      up_(register_module("up", ProjectionLayer(block.up))),
      down_(register_module("down", ProjectionLayer(block.down))) {}

at::Tensor MlpImpl::forward(const at::Tensor& x) const {
  return down_->forward(apply_activation(activation_, up_->forward(x)));
}

}  // namespace stac::model
