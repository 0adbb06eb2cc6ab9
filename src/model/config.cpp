#include "stac/model/config.hpp"

#include <cmath>

#include "model/config_fields.hpp"
#include "model/gpt2_config.hpp"
#include "model/llama_config.hpp"
#include "stac/error.hpp"

namespace stac::model {

double TransformerConfig::attention_scale(std::int64_t layer) const {
  double scale = scale_attention ? 1.0 / std::sqrt(static_cast<double>(head_dim)) : 1.0;
  if (scale_attention_by_inverse_layer) scale /= static_cast<double>(layer + 1);
  return scale;
}

std::int64_t TransformerConfig::window(std::int64_t layer) const {
  const bool windowed =
      windowed_layers.empty() ? layer >= first_windowed_layer : windowed_layers.at(static_cast<std::size_t>(layer));
  return windowed ? sliding_window : 0;
}

std::int64_t TransformerConfig::keys_seen(std::int64_t layer) const {
  return window(layer) > 0 ? std::min(window(layer), max_positions) : max_positions;
}

TransformerConfig parse_config(const nlohmann::json& config) {
  const ConfigFields fields(config);
  const auto quantized = config.find("quantization_config");
  if (quantized != config.end() && !quantized->is_null()) {
    throw Error("config.json: the checkpoint is quantized ('quantization_config')",
                "take the float checkpoint that it was made from");
  }
  const std::string type = fields.text("model_type", "");
  if (type == "gpt2") return parse_gpt2_config(fields);
  if (type == "llama") return parse_llama_config(fields);
  if (type == "qwen2") return parse_qwen2_config(fields);
  if (type == "mistral") return parse_mistral_config(fields);
  throw Error(type.empty() ? "config.json: there is no 'model_type'"
                           : "config.json: 'model_type' is '" + type.substr(0, 60) + "', which is not supported",
              "supported: gpt2, llama, qwen2, mistral");
}

}  // namespace stac::model
