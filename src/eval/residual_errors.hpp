// How far spikes carry the residual stream away, layer by layer.
#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "stac/convert/conversion_quality.hpp"

namespace stac::eval {

/// Behind one layer, of the same tokens: |spiking - spikeless|^2 / |spikeless|^2 and |spiking - source|^2 / |source|^2.
/// @param source, spikeless, spiking  f32 [tokens, hidden_size], contiguous; of the source, of the network without
///                                    spikes, of the network
[[nodiscard]] convert::LayerError residual_error(const at::Tensor& source, const at::Tensor& spikeless,
                                                 const at::Tensor& spiking);

}  // namespace stac::eval
