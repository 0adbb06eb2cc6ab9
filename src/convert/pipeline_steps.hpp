// Keeps the networks that a conversion passes through.
#pragma once
#include <string>

#include "stac/convert/converter.hpp"

namespace stac::convert {

void add_dense_step(Conversion& conversion, const std::string& name, const model::TransformerConfig& config,
                    const model::TransformerWeights& weights);

/// The conversion as it stands, spiking; it becomes its network.
void add_spiking_step(Conversion& conversion, const std::string& name);

}  // namespace stac::convert
