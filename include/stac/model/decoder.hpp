// The dense decoder-only transformer of the supported families: pre-norm blocks between an embedding and an LM head.
// GPT-2 (Radford et al. 2019) has learned positions, LayerNorm and a plain MLP; Llama (Touvron et al.,
// arXiv:2302.13971), Qwen2 and Mistral have rotary positions, RMSNorm and a gated MLP. The config says which. Functions
// are those of transformers' ...ForCausalLM.
#pragma once
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "stac/model/language_model.hpp"
#include "stac/model/layers.hpp"

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

/// Behind the last block: logits of its rows.
class DecoderHeadImpl : public torch::nn::Module {
 public:
  DecoderHeadImpl(const TransformerConfig& config, const TransformerWeights& weights);
  /// @param x  [batch, queries, hidden]
  [[nodiscard]] at::Tensor forward(const at::Tensor& x) const;

 private:
  double logit_scale_;
  NormLayer final_norm_;
  ProjectionLayer projection_;
};
TORCH_MODULE(DecoderHead);

/// What a forward pass reads. A batch of several lengths is padded on the left.
struct DenseInput {
  at::Tensor input_ids;       ///< int64 [batch, new]
  at::Tensor attention_mask;  ///< [batch, past + new], 0 at pads; undefined: no pads
  at::Tensor position_ids;    ///< int64 [batch, new]; undefined: cumsum(attention_mask) - 1, and 1 at pads
};

/// @param input  complete
/// @return f32 [batch, new, hidden_size]
[[nodiscard]] at::Tensor embedded(const TransformerConfig& config, const at::Tensor& tokens,
                                  const at::Tensor& positions, const DenseInput& input);

/// @param input  complete
/// @param cache  behind whose positions the input stands; null: there is no past
/// @throws std::invalid_argument  a cache of other angles
[[nodiscard]] AttentionContext attention_context(const TransformerConfig& config, const DenseInput& input,
                                                 KvCache* cache);

class DecoderImpl : public torch::nn::Module {
 public:
  /// Shares the storage of `weights`.
  DecoderImpl(const TransformerConfig& config, const TransformerWeights& weights);

  /// Reads new tokens behind those in the cache. The angles of dynamic rotary positions follow the largest position,
  /// and beyond the original context what is cached is void with every new one: such texts are read from their start.
  /// @param cache  extended by the new tokens; null: there is no past. Unchanged if this throws
  /// @return logits, f32 [batch, new or 1, vocab_size]
  /// @throws stac::Error  a token id outside the vocabulary, or a position outside [0, max_positions)
  /// @throws std::invalid_argument  shapes that do not fit; a cache of other angles
  [[nodiscard]] at::Tensor forward(const DenseInput& input, KvCache* cache, LogitRows rows) const;

  [[nodiscard]] const TransformerConfig& config() const { return config_; }

 private:
  TransformerConfig config_;
  at::Tensor token_embedding_, position_embedding_;
  std::vector<DecoderBlock> blocks_;
  DecoderHead head_;
};
TORCH_MODULE(Decoder);

}  // namespace stac::model
