#include "snn/folding.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

namespace stac::snn {

namespace {

std::vector<double> folded_bias(const model::Projection& projection, const model::Norm& norm) {
  const std::int64_t outputs = projection.weight.size(0);
  at::Tensor bias = projection.bias.defined() ? projection.bias.to(at::kDouble) : at::zeros({outputs}, at::kDouble);
  if (norm.bias.defined()) bias = bias + projection.weight.to(at::kDouble).mv(norm.bias.to(at::kDouble));
  const at::Tensor contiguous = bias.contiguous();
  return {contiguous.data_ptr<double>(), contiguous.data_ptr<double>() + outputs};
}

double row_norm(const FixedPointMatrix& weight, std::int64_t row) {
  double squares = 0.0;
  for (std::int64_t j = 0; j < weight.columns; ++j) {
    const auto mantissa = static_cast<double>(weight.mantissa[row * weight.columns + j]);
    squares += mantissa * mantissa;
  }
  return std::ldexp(std::sqrt(squares), weight.exponent[row]);
}

}  // namespace

SpikingLinear fold(const model::Projection& projection, const model::Norm& norm, const PhaseCode& code) {
  const at::Tensor weight = projection.weight.contiguous();
  const at::Tensor gain = norm.weight.defined() ? norm.weight.contiguous() : at::Tensor();
  return {to_fixed_point(weight, gain, exact_bits(weight.size(1), full_scale(code))), folded_bias(projection, norm)};
}

model::Projection stack(const std::vector<model::Projection>& projections) {
  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> biases;
  for (const model::Projection& projection : projections) {
    weights.push_back(projection.weight);
    biases.push_back(projection.bias.defined() ? projection.bias : at::zeros({projection.weight.size(0)}));
  }
  return {at::cat(weights), at::cat(biases)};
}

std::vector<int> head_exponents(const SpikingLinear& layer, std::int64_t first_output, std::int64_t heads,
                                std::int64_t head_dim, int bits) {
  std::vector<int> exponents;
  const double longest_row = 2.0 * std::sqrt(static_cast<double>(layer.weight.columns));
  for (std::int64_t head = 0; head < heads; ++head) {
    double bound = 0.0;
    for (std::int64_t d = 0; d < head_dim; ++d) {
      const std::int64_t row = first_output + head * head_dim + d;
      bound = std::max(bound, longest_row * row_norm(layer.weight, row) + std::abs(layer.bias[row]));
    }
    exponents.push_back(grid_exponent(bound, bits));
  }
  return exponents;
}

}  // namespace stac::snn
