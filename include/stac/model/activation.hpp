// The elementwise nonlinearity of the MLP.
#pragma once
#include <ATen/core/Tensor.h>

#include "stac/model/config.hpp"

namespace stac::model {

/// gelu_erf:  x Phi(x), Phi the normal distribution function
/// gelu_tanh: x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)));  gelu_fast is the same with sqrt(2/pi) written to ten
///            digits, a difference below f32's resolution
/// relu, silu (x / (1 + e^-x)): as usual.
[[nodiscard]] at::Tensor apply_activation(Activation activation, const at::Tensor& x);

}  // namespace stac::model
