#include "torchscript/projection_module.hpp"

#include "torchscript/exact_product.hpp"
#include "torchscript/population_module.hpp"

namespace stac::torchscript {

namespace {

constexpr int kByteBits = 7;
constexpr int kShortBits = 15;

constexpr const char* kSource = R"SCRIPT(
def forward(self, x: Tensor, counted: Tensor) -> Tuple[Tensor, Tensor]:
    codes, unit, spikes = self.inputs.speak(x)
    sums = self.product(codes, self.mantissa.t())
    return (sums * (unit * self.unit) + self.bias).float(), (spikes * counted).sum()
)SCRIPT";

at::ScalarType narrowest(int bits) {
  if (bits <= kByteBits) return at::kChar;
  return bits <= kShortBits ? at::kShort : at::kInt;
}

}  // namespace

torch::jit::Module projection_module(const std::string& name, const snn::SpikingLinear& layer) {
  const snn::FixedPointMatrix& weight = layer.weight;
  const snn::Population& inputs = layer.inputs;
  snn::require_valid(inputs, weight.columns);
  at::Tensor full_scale;
  if (!inputs.full_scale.empty()) full_scale = at::tensor(inputs.full_scale, at::kFloat);
  torch::jit::Module module(name);
  module.register_module("inputs", population_module(name + "Inputs", inputs, full_scale));
  const at::Tensor mantissas = weight.mantissa.tensor().view({weight.rows, weight.columns});
  module.register_buffer("mantissa", mantissas.to(narrowest(weight.bits), /*non_blocking=*/false, /*copy=*/true));
  module.register_buffer("unit", at::tensor(weight.unit, at::kDouble));
  module.register_buffer("bias", at::tensor(layer.bias, at::kDouble));
  define_product(module, weight.columns, snn::largest_contribution(inputs), weight.bits);
  module.define(kSource);
  return module;
}

}  // namespace stac::torchscript
