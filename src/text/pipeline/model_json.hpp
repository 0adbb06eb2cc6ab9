// The "model" of a tokenizer.json.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>

#include "text/pipeline/piece_model.hpp"

namespace stac::text {

/// @throws stac::Error naming the field: broken, a type that is neither BPE nor Unigram, an option that is not
/// supported
[[nodiscard]] std::unique_ptr<PieceModel> parse_model(const nlohmann::json& model);

}  // namespace stac::text
