// The dense decoder-only transformer of the supported families: pre-norm blocks between an embedding and an LM head.
// GPT-2 (Radford et al. 2019) has learned positions, LayerNorm and a plain MLP; Llama (Touvron et al.,
// arXiv:2302.13971), Qwen2 and Mistral have rotary positions, RMSNorm and a gated MLP. The config says which. Functions
// are those of transformers' ...ForCausalLM.
#pragma once
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "stac/model/language_model.hpp"
#include "stac/model/layers.hpp"
#include "stac/model/residual_observer.hpp"

namespace stac::model {

/// x + attention(norm(x)), then x + mlp(norm(x)).
class DecoderBlockImpl : public torch::nn::Module {
 public:
  DecoderBlockImpl(const TransformerConfig& config, const Block& block, std::int64_t layer);
  [[nodiscard]] at::Tensor forward(const at::Tensor& x, const AttentionContext& context) const;

 private:
  NormLayer attention_norm_;
  Attention attention_;
  NormLayer mlp_norm_;
  Mlp mlp_;
};
TORCH_MODULE(DecoderBlock);

/// What a forward pass reads. A batch of several lengths is padded on the left.
struct DenseInput {
  at::Tensor input_ids;       ///< int64 [batch, new]
  at::Tensor attention_mask;  ///< [batch, past + new], 0 at pads; undefined: no pads
  at::Tensor position_ids;    ///< int64 [batch, new]; undefined: cumsum(attention_mask) - 1, and 1 at pads
};

class DecoderImpl : public torch::nn::Module {
 public:
  /// Shares the storage of `weights`.
  DecoderImpl(const TransformerConfig& config, const TransformerWeights& weights);

  /// Reads new tokens behind those in the cache. The angles of dynamic rotary positions follow the largest position,
  /// and beyond the original context what is cached is void with every new one: such texts are read from their start.
  /// @param cache  extended by the new tokens; null: there is no past. Unchanged if this throws
  /// @param observer  shown all rows of the batch as one run of tokens
  /// @return logits, f32 [batch, new or 1, vocab_size]
  /// @throws stac::Error  a token id outside the vocabulary, or a position outside [0, max_positions)
  /// @throws std::invalid_argument  shapes that do not fit; a cache of other angles
  [[nodiscard]] at::Tensor forward(const DenseInput& input, KvCache* cache, LogitRows rows,
                                   const ResidualObserver& observer = {}) const;

  [[nodiscard]] const TransformerConfig& config() const { return config_; }

 private:
  [[nodiscard]] at::Tensor embed(const DenseInput& input) const;

  TransformerConfig config_;
  at::Tensor token_embedding_, position_embedding_;
  std::vector<DecoderBlock> blocks_;
  NormLayer final_norm_;
  ProjectionLayer head_;
};
TORCH_MODULE(Decoder);

}  // namespace stac::model
