// The "post_processor" of a tokenizer.json.
#pragma once
#include <nlohmann/json.hpp>

#include "stac/text/tokenizer.hpp"

namespace stac::text {

/// What it puts around a single text.
/// @throws stac::Error naming the component where it is broken or not supported
[[nodiscard]] Affixes parse_post_processor(const nlohmann::json& component);

}  // namespace stac::text
