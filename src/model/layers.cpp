#include "stac/model/layers.hpp"

#include <ATen/ATen.h>

#include <limits>

#include "model/work_threads.hpp"
#include "stac/model/activation.hpp"
#include "stac/model/matmul.hpp"

namespace stac::model {
namespace {

/// `rotate` of rotary.hpp for every head at once.
at::Tensor turned(const at::Tensor& heads, const Turns& turns) {
  if (!turns.cosines.defined()) return heads;
  const std::vector<at::Tensor> halves = heads.chunk(2, -1);
  return at::cat(
      {halves[0] * turns.cosines - halves[1] * turns.sines, halves[1] * turns.cosines + halves[0] * turns.sines}, -1);
}

at::Tensor softmax(const at::Tensor& scores) {
  constexpr std::int64_t exp_in_multiply_adds = 16;
  const WorkThreads threads(exp_in_multiply_adds * scores.numel());
  return at::softmax(scores, -1);
}

}  // namespace

ProjectionLayerImpl::ProjectionLayerImpl(const Projection& projection)
    : weight_(register_parameter("weight", projection.weight, false)),
      bias_(projection.bias.defined() ? register_parameter("bias", projection.bias, false) : at::Tensor()) {}

at::Tensor ProjectionLayerImpl::forward(const at::Tensor& x) const { return matmul(x, weight_, bias_); }

NormLayerImpl::NormLayerImpl(const Norm& norm, const TransformerConfig& config)
    : kind_(config.norm),
      weight_(register_parameter("weight", norm.weight, false)),
      bias_(norm.bias.defined() ? register_parameter("bias", norm.bias, false) : at::Tensor()),
      eps_(config.norm_eps) {}

at::Tensor NormLayerImpl::forward(const at::Tensor& x) const {
  if (kind_ == NormKind::layer) return at::layer_norm(x, {x.size(-1)}, weight_, bias_, eps_);
  return x * (x.square().mean(-1, true) + eps_).rsqrt() * weight_;
}

AttentionMask causal_mask(std::int64_t past, std::int64_t queries, const at::Tensor& attention_mask,
                          std::int64_t window) {
  const std::int64_t positions = past + queries;
  const bool cut = window > 0 && positions > window;
  AttentionMask mask;
  if (queries > 1 || cut) {
    const at::Tensor all = at::ones({queries, positions}, at::kBool);
    mask.blocked = all.triu(past + 1);
    if (cut) mask.blocked = mask.blocked.logical_or(all.tril(past - window));
    mask.blocked = mask.blocked.view({1, 1, queries, positions});
  }
  if (!attention_mask.defined()) return mask;
  const at::Tensor pads = attention_mask.eq(0).view({-1, 1, 1, positions});
  mask.blocked = mask.blocked.defined() ? mask.blocked.logical_or(pads) : pads;
  return mask;
}

Turns turns_at(const Rotation& rotation, const at::Tensor& positions) {
  const at::Tensor flat = positions.contiguous();
  const auto pairs = static_cast<std::int64_t>(rotation.frequencies().size());
  const std::vector<std::int64_t> shape{positions.size(0), 1, positions.size(1), pairs};
  Turns turns{at::empty(shape), at::empty(shape)};
  for (std::int64_t i = 0; i < flat.numel(); ++i) {
    rotation.at(flat.data_ptr<std::int64_t>()[i], turns.cosines.data_ptr<float>() + i * pairs,
                turns.sines.data_ptr<float>() + i * pairs);
  }
  return turns;
}

AttentionImpl::AttentionImpl(const TransformerConfig& config, const Block& block, std::int64_t layer)
    : layer_(layer),
      heads_(config.heads),
      kv_heads_(config.kv_heads),
      head_dim_(config.head_dim),
      windowed_(config.window(layer) > 0),
      scale_(config.attention_scale(layer)),
      query_(register_module("query", ProjectionLayer(block.query))),
      key_(register_module("key", ProjectionLayer(block.key))),
      value_(register_module("value", ProjectionLayer(block.value))),
      output_(register_module("output", ProjectionLayer(block.attention_output))) {}

at::Tensor AttentionImpl::split_heads(const at::Tensor& x, std::int64_t heads) const {
  return x.view({x.size(0), x.size(1), heads, head_dim_}).transpose(1, 2);
}

at::Tensor AttentionImpl::forward(const at::Tensor& x, const AttentionContext& context) const {
  const at::Tensor queries = turned(split_heads(query_->forward(x), heads_), context.turns);
  KvCache::KeysValues past{turned(split_heads(key_->forward(x), kv_heads_), context.turns),
                           split_heads(value_->forward(x), kv_heads_)};
  if (context.cache) past = context.cache->extend(layer_, past.keys, past.values);
  const AttentionMask& mask = windowed_ ? context.windowed_mask : context.mask;

  // [batch, kv_heads, heads per kv head, ..]: the keys and values of a group are one matrix, seen several times.
  const std::int64_t group = heads_ / kv_heads_;
  const at::Tensor grouped = queries.unflatten(1, {kv_heads_, group});
  const auto shared = [&](const at::Tensor& t) { return t.unsqueeze(2).expand({-1, -1, group, -1, -1}); };
  at::Tensor scores = batched_matmul_transposed(grouped, shared(past.keys), scale_);
  // The lowest float instead of -infinity: a pad that sees nothing gets finite, meaningless weights, not NaN.
  if (mask.blocked.defined()) {
    scores.masked_fill_(mask.blocked.unsqueeze(1), std::numeric_limits<float>::lowest());
  }
  const at::Tensor mixed = batched_matmul(softmax(scores), shared(past.values)).flatten(1, 2);
  return output_->forward(mixed.transpose(1, 2).flatten(2));
}

MlpImpl::MlpImpl(const TransformerConfig& config, const Block& block)
    : activation_(config.activation),
      up_(register_module("up", ProjectionLayer(block.up))),
      down_(register_module("down", ProjectionLayer(block.down))) {
  if (config.gated_mlp) gate_ = register_module("gate", ProjectionLayer(block.gate));
}

at::Tensor MlpImpl::forward(const at::Tensor& x) const {
  const at::Tensor up = up_->forward(x);
  if (gate_.is_empty()) return down_->forward(apply_activation(activation_, up));
  return down_->forward(apply_activation(activation_, gate_->forward(x)) * up);
}

}  // namespace stac::model
