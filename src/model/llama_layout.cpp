#include "model/weight_layout.hpp"

namespace stac::model {

WeightLayout llama_layout(const TransformerConfig& config) {
  const std::int64_t hidden = config.hidden_size, inner = config.intermediate_size;
  const std::int64_t queries = config.heads * config.head_dim, keys = config.kv_heads * config.head_dim;
  return {
      .prefix = "model.",
      .token_embedding = "embed_tokens.weight",
      .position_embedding = "",
      .final_norm = "norm",
      .blocks = "layers.",
      .norm_bias = false,
      .orientation = Orientation::outputs_first,
      .norms = {{"input_layernorm", &Block::attention_norm}, {"post_attention_layernorm", &Block::mlp_norm}},
      .projections = {{"self_attn.q_proj", {&Block::query}, queries, hidden, config.query_key_value_bias},
                      {"self_attn.k_proj", {&Block::key}, keys, hidden, config.query_key_value_bias},
                      {"self_attn.v_proj", {&Block::value}, keys, hidden, config.query_key_value_bias},
                      {"self_attn.o_proj", {&Block::attention_output}, hidden, queries, config.attention_output_bias},
                      {"mlp.gate_proj", {&Block::gate}, inner, hidden, config.mlp_bias},
                      {"mlp.up_proj", {&Block::up}, inner, hidden, config.mlp_bias},
                      {"mlp.down_proj", {&Block::down}, hidden, inner, config.mlp_bias}},
      // The angles of rotary positions, which follow from the config.
      .superfluous = R"((model\.)?layers\.\d+\.self_attn\.rotary_emb\.inv_freq)"};
}

}  // namespace stac::model
