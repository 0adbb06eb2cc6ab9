#include "model/llama_config.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "model/activation_names.hpp"
#include "model/harmless_fields.hpp"
#include "model/rope_config.hpp"
#include "stac/error.hpp"

namespace stac::model {
namespace {

constexpr const char* kSliding = "sliding_attention";
constexpr const char* kFull = "full_attention";

/// What the three configurations take where a field is absent.
struct Defaults {
  const char* class_name;  ///< "Llama" of LlamaForCausalLM
  std::int64_t vocab_size, hidden_size, intermediate_size, max_position_embeddings;
  std::optional<std::int64_t> kv_heads;  ///< none: as many as heads
  std::optional<std::int64_t> bos, eos;
};

constexpr Defaults kLlama{"Llama", 32000, 4096, 11008, 2048, std::nullopt, 1, 2};
constexpr Defaults kQwen2{"Qwen2", 151936, 4096, 22016, 32768, 32, std::nullopt, std::nullopt};
constexpr Defaults kMistral{"Mistral", 32000, 4096, 14336, 131072, 8, 1, 2};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// Another class may compute anything.
void require_class(const ConfigFields& fields, const std::string& name) {
  const auto classes = fields.optional_texts("architectures");
  if (!classes || classes->empty()) return;
  const bool known = std::ranges::any_of(*classes, [&](const std::string& one) {
    return lower(one) == lower(name + "ForCausalLM") || lower(one) == lower(name + "Model");
  });
  if (!known)
    fields.refuse("architectures", "[\"" + name + "ForCausalLM\"], not '" + classes->front().substr(0, 60) + "'");
}

/// Switches of transformers' base class that make another function of the same weights.
void refuse_other_functions(const ConfigFields& fields) {
  fields.refuse_unless("add_cross_attention", false, "cross-attention is not part of a decoder-only model");
  fields.refuse_unless("is_encoder_decoder", false, "only decoder-only models are supported");
  fields.refuse_unless("is_causal", true, "attention looks at earlier positions only");
  fields.refuse_unless("pruned_heads", nlohmann::json::object(), "pruned heads are not supported");
  fields.refuse_unless("auto_map", nlohmann::json::object(), "the model is defined by code of its own");
}

void read_heads(const ConfigFields& fields, const Defaults& defaults, TransformerConfig& config) {
  config.heads = fields.size({"num_attention_heads"}, 32);
  const bool given = fields.has("num_key_value_heads");
  config.kv_heads = fields.optional_size({"num_key_value_heads"})
                        .value_or(given ? config.heads : defaults.kv_heads.value_or(config.heads));
  if (config.heads % config.kv_heads != 0) {
    fields.refuse("num_key_value_heads", "a divisor of num_attention_heads (" + std::to_string(config.heads) +
                                             "), not " + std::to_string(config.kv_heads));
  }
  const auto head_dim = fields.optional_size({"head_dim"});
  if (!head_dim && config.hidden_size % config.heads != 0) {
    fields.refuse("hidden_size", "a multiple of num_attention_heads (" + std::to_string(config.heads) +
                                     ") where there is no 'head_dim'");
  }
  config.head_dim = head_dim.value_or(config.hidden_size / config.heads);
  if (config.head_dim % 2 != 0) fields.refuse("head_dim", "even: rotary positions turn channels in pairs");
}

TransformerConfig parse_common(const ConfigFields& fields, const Defaults& defaults) {
  refuse_other_functions(fields);
  require_class(fields, defaults.class_name);
  TransformerConfig config;
  config.family = Family::llama;
  config.norm = NormKind::rms;
  config.gated_mlp = true;
  config.query_key_value_bias = config.attention_output_bias = config.mlp_bias = false;
  config.vocab_size = fields.size({"vocab_size"}, defaults.vocab_size);
  config.hidden_size = fields.size({"hidden_size"}, defaults.hidden_size);
  config.layers = fields.size({"num_hidden_layers"}, 32);
  config.intermediate_size = fields.size({"intermediate_size"}, defaults.intermediate_size);
  read_heads(fields, defaults, config);
  const std::int64_t trained = fields.size({"max_position_embeddings"}, defaults.max_position_embeddings);
  config.rotary = parse_rotary(fields, trained, config.head_dim);
  config.max_positions = position_limit(*config.rotary, trained);
  config.norm_eps = fields.epsilon("rms_norm_eps", 1e-6);
  config.activation = parse_activation("hidden_act", fields.text("hidden_act", "silu"));
  config.tied_head = fields.flag("tie_word_embeddings", false);
  config.bos_token_id = fields.token_id("bos_token_id", config.vocab_size, defaults.bos);
  config.eos_token_ids = fields.token_ids("eos_token_id", config.vocab_size, defaults.eos);
  return config;
}

void finish(const ConfigFields& fields) { fields.refuse_unread(is_harmless_field); }

/// `layer_types`, where it is there, has to say what the other fields say or, in Qwen2, which layers they are about.
std::optional<std::vector<std::string>> layer_types(const ConfigFields& fields, std::int64_t layers) {
  auto types = fields.optional_texts("layer_types");
  if (!types) return types;
  const bool known =
      std::ranges::all_of(*types, [](const std::string& type) { return type == kSliding || type == kFull; });
  if (!known || static_cast<std::int64_t>(types->size()) != layers) {
    fields.refuse("layer_types", "'" + std::string(kFull) + "' or '" + kSliding + "' for each of the " +
                                     std::to_string(layers) + " layers");
  }
  return types;
}

void require_all(const ConfigFields& fields, const std::optional<std::vector<std::string>>& types, const char* type) {
  if (!types || std::ranges::all_of(*types, [&](const std::string& one) { return one == type; })) return;
  fields.refuse("layer_types", "'" + std::string(type) + "' everywhere, as the other fields have it");
}

/// A default that is there even where the field is not; null is none.
std::optional<std::int64_t> sliding_window(const ConfigFields& fields) {
  constexpr std::int64_t absent = 4096;
  const auto window = fields.optional_size({"sliding_window"});
  return fields.has("sliding_window") ? window : absent;
}

void read_qwen2_windows(const ConfigFields& fields, TransformerConfig& config) {
  constexpr std::int64_t first_by_default = 28;
  const auto window = sliding_window(fields);
  const auto types = layer_types(fields, config.layers);
  config.first_windowed_layer = fields.optional_count("max_window_layers").value_or(first_by_default);
  if (!fields.flag("use_sliding_window", false) || !window) return require_all(fields, types, kFull);
  config.sliding_window = *window;
  if (!types) return;
  for (const std::string& type : *types) config.windowed_layers.push_back(type == kSliding);
}

}  // namespace

TransformerConfig parse_llama_config(const ConfigFields& fields) {
  TransformerConfig config = parse_common(fields, kLlama);
  config.query_key_value_bias = config.attention_output_bias = fields.flag("attention_bias", false);
  config.mlp_bias = fields.flag("mlp_bias", false);
  fields.refuse_unless("use_sliding_window", false, "Llama's attention has no window");
  fields.refuse_unless("sliding_window", nullptr, "Llama's attention has no window");
  require_all(fields, layer_types(fields, config.layers), kFull);
  finish(fields);
  return config;
}

TransformerConfig parse_qwen2_config(const ConfigFields& fields) {
  TransformerConfig config = parse_common(fields, kQwen2);
  fields.refuse_unless("attention_bias", true, "Qwen2's queries, keys and values have biases");
  fields.refuse_unless("mlp_bias", false, "Qwen2's MLP has no biases");
  config.query_key_value_bias = true;
  read_qwen2_windows(fields, config);
  finish(fields);
  return config;
}

TransformerConfig parse_mistral_config(const ConfigFields& fields) {
  TransformerConfig config = parse_common(fields, kMistral);
  fields.refuse_unless("attention_bias", false, "Mistral's attention has no biases");
  fields.refuse_unless("mlp_bias", false, "Mistral's MLP has no biases");
  const auto window = sliding_window(fields);
  fields.refuse_unless("use_sliding_window", window.has_value(), "in Mistral, 'sliding_window' alone decides");
  config.sliding_window = window.value_or(0);
  require_all(fields, layer_types(fields, config.layers), window ? kSliding : kFull);
  finish(fields);
  return config;
}

}  // namespace stac::model
