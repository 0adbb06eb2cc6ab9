// The GPT-2 family's spelling of TransformerConfig.
#pragma once
#include "model/config_fields.hpp"
#include "stac/model/config.hpp"

namespace stac::model {

/// Field names, aliases and defaults are those of transformers' GPT2Config.
[[nodiscard]] TransformerConfig parse_gpt2_config(const ConfigFields& fields);

}  // namespace stac::model
