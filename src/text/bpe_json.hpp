// The "model" of a tokenizer.json.
#pragma once
#include <nlohmann/json.hpp>

#include "text/bpe_model.hpp"

namespace stac::text {

/// @throws stac::Error naming the field: broken, a model that is not BPE, or an option that is not supported
[[nodiscard]] BpeModel parse_bpe_model(const nlohmann::json& model);

}  // namespace stac::text
