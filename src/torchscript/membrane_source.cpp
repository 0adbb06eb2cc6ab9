#include "torchscript/membrane_source.hpp"

#include <stdexcept>
#include <string>

#include "torchscript/attributes.hpp"

namespace stac::torchscript {

namespace {

constexpr const char* kNorm = R"SCRIPT(
def normalised(self, x: Tensor) -> Tensor:
    wide = x.double()
    if self.norm_centres:
        wide = wide - wide.mean([-1], keepdim=True)
    variance = (wide * wide).mean([-1], keepdim=True)
    return (wide * (1.0 / torch.sqrt(variance + self.norm_eps))).float()
)SCRIPT";

constexpr const char* kGeluTanh = R"SCRIPT(
def activated(self, x: Tensor) -> Tensor:
    inner = 0.79788456 * (x + 0.044715 * (x * x * x))
    return 0.5 * x * (1.0 + torch.tanh(inner.double()).float())
)SCRIPT";

constexpr const char* kGeluErf = R"SCRIPT(
def activated(self, x: Tensor) -> Tensor:
    return 0.5 * x * (1.0 + torch.erf((x * 0.70710678).double()).float())
)SCRIPT";

constexpr const char* kSilu = R"SCRIPT(
def activated(self, x: Tensor) -> Tensor:
    return x / (1.0 + torch.exp(-x.double()).float())
)SCRIPT";

constexpr const char* kRelu = R"SCRIPT(
def activated(self, x: Tensor) -> Tensor:
    return x.clamp(min=0.0)
)SCRIPT";

const char* activation_source(model::Activation activation) {
  switch (activation) {
    case model::Activation::gelu_tanh:
    case model::Activation::gelu_fast:
      return kGeluTanh;
    case model::Activation::gelu_erf:
      return kGeluErf;
    case model::Activation::silu:
      return kSilu;
    case model::Activation::relu:
      return kRelu;
  }
  throw std::invalid_argument("an activation without a TorchScript source");
}

// What comes back of a number that waits in this format; int8 is rounded on the cache's grid.
std::string rounding_source(const std::string& name, model::CacheFormat format) {
  const std::string head = "def " + name + "(self, x: Tensor) -> Tensor:\n    return x";
  const auto through = [&](c10::ScalarType type) {  // LibTorch's scripts have no names of types outside Python
    return head + ".to(dtype=" + std::to_string(static_cast<int>(type)) + ").float()\n";
  };
  if (format == model::CacheFormat::bf16) return through(c10::ScalarType::BFloat16);
  if (format == model::CacheFormat::f16) return through(c10::ScalarType::Half);
  return head + "\n";
}

}  // namespace

void define_norm(torch::jit::Module& module, const model::TransformerConfig& config) {
  add(module, "norm_centres", config.norm == model::NormKind::layer);
  add(module, "norm_eps", config.norm_eps);
  module.define(kNorm);
}

void define_storage(torch::jit::Module& module, model::MembraneFormat format) {
  module.define(rounding_source("stored", model::cache_format_of(format)));
}

void define_cache(torch::jit::Module& module, model::CacheFormat format) {
  module.define(rounding_source("cached", format));
}

void define_activation(torch::jit::Module& module, model::Activation activation) {
  module.define(activation_source(activation));
}

}  // namespace stac::torchscript
