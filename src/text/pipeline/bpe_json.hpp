// The "model" of a tokenizer.json where it is BPE.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>

#include "text/pipeline/bpe_model.hpp"

namespace stac::text {

/// @param model  an object
/// @throws stac::Error naming the field: broken, or an option that is not supported
[[nodiscard]] std::unique_ptr<PieceModel> parse_bpe_model(const nlohmann::json& model);

}  // namespace stac::text
