// The layers that decoder-only families share, as LibTorch modules. Their tensors are registered as parameters without
// gradient and share storage with the TransformerWeights they were made from.
#pragma once
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

#include "stac/model/config.hpp"
#include "stac/model/kv_cache.hpp"
#include "stac/model/weights.hpp"

namespace stac::model {

/// x -> weight x + bias, through matmul.hpp.
class ProjectionLayerImpl : public torch::nn::Module {
 public:
  explicit ProjectionLayerImpl(const Projection& projection);
  /// @param x  [.., in] -> [.., out]
  [[nodiscard]] at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_, bias_;
};
TORCH_MODULE(ProjectionLayer);

/// LayerNorm or RMSNorm over the last axis.
class NormLayerImpl : public torch::nn::Module {
 public:
  NormLayerImpl(const Norm& norm, const TransformerConfig& config);
  [[nodiscard]] at::Tensor forward(const at::Tensor& x) const;

 private:
  NormKind kind_;
  at::Tensor weight_, bias_;
  double eps_;
};
TORCH_MODULE(NormLayer);

/// Which positions a query may not look at; made once per forward pass.
struct AttentionMask {
  at::Tensor blocked;  ///< bool [batch or 1, 1, queries, positions]; undefined where every query sees every position
};

/// Causal over `past` cached positions and `queries` new ones; pads are blocked too.
/// @param attention_mask  [batch, past + queries], 0 at pads; undefined without pads
/// @param window          positions that a query sees, its own and those just before it; 0: all
[[nodiscard]] AttentionMask causal_mask(std::int64_t past, std::int64_t queries, const at::Tensor& attention_mask,
                                        std::int64_t window);

/// By what queries and keys are turned; undefined where positions are not rotary.
struct Turns {
  at::Tensor cosines, sines;  ///< f32 [batch, 1, queries, head_dim / 2]
};

/// @param positions  int64 [batch, queries]
[[nodiscard]] Turns turns_at(const Rotation& rotation, const at::Tensor& positions);

/// What the attention of every layer needs to know of one forward pass.
struct AttentionContext {
  AttentionMask mask;           ///< of layers without a window
  AttentionMask windowed_mask;  ///< of layers with one
  Turns turns;
  KvCache* cache = nullptr;  ///< extended, not committed; may be null
};

/// Multi-head attention; kv_heads may be fewer than heads (each then serves heads / kv_heads of them).
class AttentionImpl : public torch::nn::Module {
 public:
  AttentionImpl(const TransformerConfig& config, const Block& block, std::int64_t layer);
  /// @param x  [batch, queries, hidden]
  [[nodiscard]] at::Tensor forward(const at::Tensor& x, const AttentionContext& context) const;

 private:
  [[nodiscard]] at::Tensor split_heads(const at::Tensor& x, std::int64_t heads) const;

  std::int64_t layer_, heads_, kv_heads_, head_dim_;
  bool windowed_;
  double scale_;
  ProjectionLayer query_, key_, value_, output_;
};
TORCH_MODULE(Attention);

/// down(activation(up(x))), or down(activation(gate(x)) * up(x)).
class MlpImpl : public torch::nn::Module {
 public:
  MlpImpl(const TransformerConfig& config, const Block& block);
  [[nodiscard]] at::Tensor forward(const at::Tensor& x) const;

 private:
  Activation activation_;
  ProjectionLayer gate_{nullptr}, up_, down_;
};
TORCH_MODULE(Mlp);

}  // namespace stac::model
