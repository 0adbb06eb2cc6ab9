// Notes what a conversion has become (pipeline.hpp).
#pragma once
#include <memory>
#include <string>

#include "stac/convert/converter.hpp"

namespace stac::convert {

void add_dense_step(Conversion& conversion, const std::string& name, const model::TransformerConfig& config,
                    std::shared_ptr<const model::TransformerWeights> weights);

/// The network as it now is.
void add_spiking_step(Conversion& conversion, const std::string& name);

}  // namespace stac::convert
