#include "model/weight_layout.hpp"

namespace stac::model {

WeightLayout gpt2_layout(const TransformerConfig& config) {
  const std::int64_t hidden = config.hidden_size, inner = config.intermediate_size;
  return {.prefix = "transformer.",
          .token_embedding = "wte.weight",
          .position_embedding = "wpe.weight",
          .final_norm = "ln_f",
          .blocks = "h.",
          .norm_bias = true,
          .orientation = Orientation::inputs_first,
          .norms = {{"ln_1", &Block::attention_norm}, {"ln_2", &Block::mlp_norm}},
          .projections = {{"attn.c_attn", {&Block::query, &Block::key, &Block::value}, 3 * hidden, hidden, true},
                          {"attn.c_proj", {&Block::attention_output}, hidden, hidden, true},
                          {"mlp.c_fc", {&Block::up}, inner, hidden, true},
                          {"mlp.c_proj", {&Block::down}, hidden, inner, true}},
          // The causal mask and its fill value.
          .superfluous = R"((transformer\.)?h\.\d+\.attn\.(bias|masked_bias))"};
}

}  // namespace stac::model
