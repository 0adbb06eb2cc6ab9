#include "model/gpt2_config.hpp"

#include "model/activation_names.hpp"
#include "stac/error.hpp"

namespace stac::model {
namespace {

constexpr std::int64_t kEndOfText = 50256;  ///< GPT2Config's default for bos and eos

/// Switches that other code adds to a GPT-2 and that change what its weights compute.
void refuse_other_functions(const ConfigFields& fields) {
  fields.refuse_unless("add_cross_attention", false, "cross-attention is not part of a decoder-only model");
  fields.refuse_unless("is_encoder_decoder", false, "only decoder-only models are supported");
  fields.refuse_unless("pruned_heads", nlohmann::json::object(), "pruned heads are not supported");
  fields.refuse_unless("position_embedding_type", "absolute", "GPT-2 positions are learned and absolute");
  fields.refuse_unless("rope_scaling", nullptr, "GPT-2 positions are learned and absolute");
  fields.refuse_unless("sliding_window", nullptr, "windowed attention is not supported");
  fields.refuse_unless("auto_map", nlohmann::json::object(), "the model is defined by code of its own");
}

}  // namespace

TransformerConfig parse_gpt2_config(const ConfigFields& fields) {
  refuse_other_functions(fields);
  TransformerConfig config;
  config.family = Family::gpt2;
  config.vocab_size = fields.size({"vocab_size"}, 50257);
  config.hidden_size = fields.size({"n_embd", "hidden_size"}, 768);
  config.layers = fields.size({"n_layer", "num_hidden_layers"}, 12);
  config.heads = fields.size({"n_head", "num_attention_heads"}, 12);
  config.kv_heads = config.heads;
  config.max_positions = fields.size({"n_positions", "max_position_embeddings"}, 1024);
  config.intermediate_size = fields.optional_size({"n_inner"}).value_or(4 * config.hidden_size);
  if (config.hidden_size % config.heads != 0) {
    throw Error("config.json: 'n_embd' (" + std::to_string(config.hidden_size) + ") is not a multiple of 'n_head' (" +
                    std::to_string(config.heads) + ")",
                "correct the field, or take the config.json that came with the weights");
  }
  config.head_dim = config.hidden_size / config.heads;
  config.norm_eps = fields.epsilon("layer_norm_epsilon", 1e-5);
  config.activation = parse_activation("activation_function", fields.text("activation_function", "gelu_new"));
  config.scale_attention = fields.flag("scale_attn_weights", true);
  config.scale_attention_by_inverse_layer = fields.flag("scale_attn_by_inverse_layer_idx", false);
  static_cast<void>(fields.flag("reorder_and_upcast_attn", false));  // an f32 computation is the same either way
  config.tied_head = fields.flag("tie_word_embeddings", true);
  config.bos_token_id = fields.token_id("bos_token_id", config.vocab_size, kEndOfText);
  config.eos_token_ids = fields.token_ids("eos_token_id", config.vocab_size, kEndOfText);
  static_cast<void>(fields.token_id("pad_token_id", config.vocab_size, std::nullopt));  // checked, not used
  return config;
}

}  // namespace stac::model
