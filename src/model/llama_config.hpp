// The Llama family's spelling of TransformerConfig: Llama, and Qwen2 and Mistral, which differ in biases, defaults and
// windows.
#pragma once
#include "model/config_fields.hpp"
#include "stac/model/config.hpp"

namespace stac::model {

/// Field names and defaults are those of transformers' LlamaConfig, Qwen2Config and MistralConfig. A field that these
/// do not know and that is set is refused by its name.
[[nodiscard]] TransformerConfig parse_llama_config(const ConfigFields& fields);
[[nodiscard]] TransformerConfig parse_qwen2_config(const ConfigFields& fields);
[[nodiscard]] TransformerConfig parse_mistral_config(const ConfigFields& fields);

}  // namespace stac::model
