#include "stac/model/activation.hpp"

#include <ATen/ATen.h>

#include <stdexcept>

namespace stac::model {

at::Tensor apply_activation(Activation activation, const at::Tensor& x) {
  switch (activation) {
    case Activation::gelu_erf:
      return at::gelu(x, "none");
    case Activation::gelu_tanh:
    case Activation::gelu_fast:
      return at::gelu(x, "tanh");
    case Activation::relu:
      return at::relu(x);
    case Activation::silu:
      return at::silu(x);
  }
  throw std::invalid_argument("an activation without a function");
}

}  // namespace stac::model
