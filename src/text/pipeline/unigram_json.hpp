// The "model" of a tokenizer.json where it is Unigram.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>

#include "text/pipeline/piece_model.hpp"

namespace stac::text {

/// @param model  an object
/// @throws stac::Error naming the field: broken
[[nodiscard]] std::unique_ptr<PieceModel> parse_unigram_model(const nlohmann::json& model);

}  // namespace stac::text
