// The dense GPT-2: learned positions, pre-norm blocks, LM head. Radford et al. 2019; layout of transformers'
// GPT2LMHeadModel.
#pragma once
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "stac/model/language_model.hpp"
#include "stac/model/layers.hpp"
#include "stac/model/residual_observer.hpp"

namespace stac::model {

/// x + attention(norm(x)), then x + mlp(norm(x)).
class Gpt2BlockImpl : public torch::nn::Module {
 public:
  Gpt2BlockImpl(const TransformerConfig& config, const Block& block, std::int64_t layer);
  [[nodiscard]] at::Tensor forward(const at::Tensor& x, const AttentionMask& mask, KvCache* cache) const;

 private:
  NormLayer attention_norm_;
  Attention attention_;
  NormLayer mlp_norm_;
  Mlp mlp_;
};
TORCH_MODULE(Gpt2Block);

/// What a forward pass reads. A batch of several lengths is padded on the left.
struct DenseInput {
  at::Tensor input_ids;       ///< int64 [batch, new]
  at::Tensor attention_mask;  ///< [batch, past + new], 0 at pads; undefined: no pads
  at::Tensor position_ids;    ///< int64 [batch, new]; undefined: cumsum(attention_mask) - 1, and 1 at pads
};

class Gpt2Impl : public torch::nn::Module {
 public:
  /// Shares the storage of `weights`.
  Gpt2Impl(const TransformerConfig& config, const TransformerWeights& weights);

  /// Reads new tokens behind those in the cache.
  /// @param cache  extended by the new tokens; null: there is no past. Unchanged if this throws
  /// @param observer  shown all rows of the batch as one run of tokens
  /// @return logits, f32 [batch, new or 1, vocab_size]
  /// @throws stac::Error  a token id outside the vocabulary, or a position outside [0, max_positions)
  /// @throws std::invalid_argument  shapes that do not fit
  [[nodiscard]] at::Tensor forward(const DenseInput& input, KvCache* cache, LogitRows rows,
                                   const ResidualObserver& observer = {}) const;

  [[nodiscard]] const TransformerConfig& config() const { return config_; }

 private:
  TransformerConfig config_;
  at::Tensor token_embedding_, position_embedding_;
  std::vector<Gpt2Block> blocks_;
  NormLayer final_norm_;
  ProjectionLayer head_;
};
TORCH_MODULE(Gpt2);

}  // namespace stac::model
