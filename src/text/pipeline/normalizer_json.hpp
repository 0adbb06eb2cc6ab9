// The "normalizer" of a tokenizer.json.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>

#include "text/pipeline/normalizer.hpp"

namespace stac::text {

/// @return null where there is none
/// @throws stac::Error naming the component where it is broken or not supported
[[nodiscard]] std::unique_ptr<const Normalizer> parse_normalizer(const nlohmann::json& component);

}  // namespace stac::text
