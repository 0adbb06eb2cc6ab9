// What a checkpoint's config.json says about the function that its weights compute.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "stac/model/rotary.hpp"
#include "stac/model/storage.hpp"

namespace stac::model {

/// How a checkpoint names its tensors: Llama, Qwen2 and Mistral do so alike.
enum class Family { gpt2, llama };
enum class Activation { gelu_erf, gelu_tanh, gelu_fast, relu, silu };
enum class NormKind {
  layer,  ///< (x - mean) / sqrt(variance + eps)
  rms     ///< x / sqrt(mean of squares + eps), Zhang and Sennrich, arXiv:1910.07467
};

/// Shape and switches of a decoder-only transformer, family differences resolved.
struct TransformerConfig {
  Family family = Family::gpt2;
  std::int64_t vocab_size = 0;
  std::int64_t hidden_size = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t max_positions = 0;         ///< longest text, in tokens
  std::optional<RotaryPositions> rotary;  ///< none: positions are learned and embedded
  std::int64_t sliding_window = 0;        ///< of the layers that have one, see window(); 0: no layer has
  std::int64_t first_windowed_layer = 0;  ///< and all behind it, where windowed_layers is empty
  std::vector<bool> windowed_layers;      ///< [layers] or empty
  NormKind norm = NormKind::layer;
  double norm_eps = 1e-5;
  Activation activation = Activation::gelu_tanh;
  bool gated_mlp = false;  ///< down(activation(gate x) * up x) in place of down(activation(up x))
  bool query_key_value_bias = true;
  bool attention_output_bias = true;
  bool mlp_bias = true;
  bool scale_attention = true;                    ///< divide scores by sqrt(head_dim)
  bool scale_attention_by_inverse_layer = false;  ///< and by (layer index + 1)
  bool tied_head = true;                          ///< the LM head is the token embedding
  double logit_scale = 1.0;                       ///< factor on the head's outputs; fitted by a conversion
  Storage storage = {};                           ///< of a spiking network's membranes and cache; dense models are f32
  std::optional<std::int64_t> bos_token_id;
  std::vector<std::int64_t> eos_token_ids;

  /// Factor on q.k before the softmax of one layer.
  [[nodiscard]] double attention_scale(std::int64_t layer) const;
  /// Positions that a token of this layer looks at, itself and those just before it; 0: all before it.
  [[nodiscard]] std::int64_t window(std::int64_t layer) const;
  /// Tokens that one token of this layer sees at most, itself included: the window's, or all positions'.
  [[nodiscard]] std::int64_t keys_seen(std::int64_t layer) const;
};

/// @throws stac::Error naming the field: wrong type or range, an unknown switch or activation, a quantized checkpoint,
///         an unknown model_type
[[nodiscard]] TransformerConfig parse_config(const nlohmann::json& config);

}  // namespace stac::model
