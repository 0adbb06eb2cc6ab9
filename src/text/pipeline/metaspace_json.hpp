// Metaspace in a tokenizer.json: its fields are the same as a pre-tokenizer and as a decoder.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "text/pipeline/metaspace.hpp"

namespace stac::text {

/// Both notations: "prepend_scheme", and "add_prefix_space" of older files.
/// @throws stac::Error naming the field
[[nodiscard]] MetaspaceOptions parse_metaspace(const nlohmann::json& component, const std::string& where);

}  // namespace stac::text
