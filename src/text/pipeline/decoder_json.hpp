// The "decoder" of a tokenizer.json.
#pragma once
#include <nlohmann/json.hpp>

#include "text/pipeline/decoder.hpp"

namespace stac::text {

/// @throws stac::Error naming the component where it is broken or not supported
[[nodiscard]] Decoder parse_decoder(const nlohmann::json& component);

}  // namespace stac::text
