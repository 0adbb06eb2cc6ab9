// What a checkpoint's config.json says about the function that its weights compute.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace stac::model {

enum class Family { gpt2 };
enum class Activation { gelu_erf, gelu_tanh, gelu_fast, relu, silu };

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
  std::int64_t max_positions = 0;
  double norm_eps = 1e-5;
  Activation activation = Activation::gelu_tanh;
  bool scale_attention = true;                    ///< divide scores by sqrt(head_dim)
  bool scale_attention_by_inverse_layer = false;  ///< and by (layer index + 1)
  bool tied_head = true;                          ///< the LM head is the token embedding
  double logit_scale = 1.0;                       ///< factor on the head's outputs; fitted by a conversion
  std::optional<std::int64_t> bos_token_id;
  std::vector<std::int64_t> eos_token_ids;

  /// Factor on q.k before the softmax of one layer.
  [[nodiscard]] double attention_scale(std::int64_t layer) const;
};

/// @throws stac::Error naming the field: wrong type or range, an unknown switch or activation, a quantized checkpoint,
///         an unknown model_type
[[nodiscard]] TransformerConfig parse_config(const nlohmann::json& config);

}  // namespace stac::model
