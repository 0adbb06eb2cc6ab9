// What acts on membranes once per token and layer, outside of every product: the same operations in a dense model.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "stac/energy/operation_counts.hpp"
#include "stac/energy/site_shape.hpp"
#include "stac/model/config.hpp"

namespace stac::energy {

/// Operations by what they are for: "norms", "softmax", "activation", "gate", "rotary", "residual", "positions",
/// "logit scale"; those that the model has. In f32, norm gains folded into the next projection:
///     norm of n       mean (layer norms): 2n adds; squares: n multiplies, n adds; n multiplies, a root, a division
///     softmax of n    n comparisons, n subtractions, n exponentials, n adds, a division
///     rotary          4 multiplies and 2 adds for every pair of a query or key head
/// @param texts  read from their starts
[[nodiscard]] std::map<std::string, OperationCounts> non_spiking(const model::TransformerConfig& config,
                                                                 const TextsRead& texts);

}  // namespace stac::energy
