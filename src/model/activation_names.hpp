// Activations by transformers' names.
#pragma once
#include <string>

#include "stac/model/config.hpp"

namespace stac::model {

/// @param field  of config.json that holds the name, for the message
/// @throws stac::Error  an unknown name, listing the known ones
[[nodiscard]] Activation parse_activation(const std::string& field, const std::string& name);

}  // namespace stac::model
