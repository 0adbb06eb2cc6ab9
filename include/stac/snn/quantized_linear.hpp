// int8 weights as a projection's spikes meet them.
#pragma once
#include <ATen/core/Tensor.h>

#include <map>

#include "stac/snn/ledger.hpp"

namespace stac::snn {

/// y = scale (weight n) + bias, symmetric, one scale per output.
struct QuantizedLinear {
  at::Tensor weight;  ///< [outputs, inputs], int8 in -127..127: the norm's gain and the inputs' profile folded in
  at::Tensor scale;   ///< [outputs], f32, >= 0
  at::Tensor bias;    ///< [outputs], f32: the norm's bias folded in, the inputs' rest not
};

/// Those of a network; a site that is not among them has ordinary weights.
using QuantizedWeights = std::map<SiteId, QuantizedLinear>;

}  // namespace stac::snn
