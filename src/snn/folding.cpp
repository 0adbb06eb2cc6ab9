#include "stac/snn/folding.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "snn/task_queue.hpp"

namespace stac::snn {

namespace {

constexpr int kQuantizedBits = 7;  // and a sign

std::vector<double> doubles(const at::Tensor& values) {
  const at::Tensor wide = values.to(at::kDouble).contiguous();
  return {wide.data_ptr<double>(), wide.data_ptr<double>() + wide.numel()};
}

std::vector<double> folded_bias(const model::Projection& projection, const model::Norm& norm,
                                const std::vector<float>& rest) {
  const std::int64_t outputs = projection.weight.size(0);
  at::Tensor bias = projection.bias.defined() ? projection.bias.to(at::kDouble) : at::zeros({outputs}, at::kDouble);
  if (!rest.empty()) {
    at::Tensor unsaid = at::tensor(rest, at::kDouble);
    if (norm.weight.defined()) unsaid = unsaid * norm.weight.to(at::kDouble);
    bias = bias + projection.weight.to(at::kDouble).mv(unsaid);
  }
  if (norm.bias.defined()) bias = bias + projection.weight.to(at::kDouble).mv(norm.bias.to(at::kDouble));
  return doubles(bias);
}

double row_norm(const FixedPointMatrix& weight, const std::vector<float>& profile, std::int64_t row) {
  const double squares = weight.mantissa.visit([&](const auto* mantissas) {
    double sum = 0.0;
    for (std::int64_t j = 0; j < weight.columns; ++j) {
      const double theta = profile.empty() ? 1.0 : static_cast<double>(profile[j]);
      const double mantissa = static_cast<double>(mantissas[row * weight.columns + j]) / theta;
      sum += mantissa * mantissa;
    }
    return sum;
  });
  return std::sqrt(squares) * weight.unit[row];
}

/// Largest magnitude that the outputs from `first` on can reach.
std::vector<double> output_bounds(const SpikingLinear& layer, std::int64_t first, std::int64_t count) {
  const double longest_row = 2.0 * std::sqrt(static_cast<double>(layer.weight.columns));
  std::vector<double> bounds;
  for (std::int64_t row = first; row < first + count; ++row) {
    bounds.push_back(longest_row * row_norm(layer.weight, layer.inputs.profile, row) + std::abs(layer.bias[row]));
  }
  return bounds;
}

std::vector<double> column_gain(const model::Norm& norm, const Population& inputs) {
  std::vector<double> gain(inputs.profile.begin(), inputs.profile.end());
  if (!norm.weight.defined()) return gain;
  const at::Tensor norm_gain = norm.weight.contiguous();
  gain.resize(norm_gain.numel(), 1.0);
  for (std::size_t j = 0; j < gain.size(); ++j) gain[j] *= static_cast<double>(norm_gain.data_ptr<float>()[j]);
  return gain;
}

}  // namespace

SpikingLinear fold(const model::Projection& projection, const model::Norm& norm, const Population& inputs,
                   SiteId site) {
  require_valid(inputs, projection.weight.size(1));
  const at::Tensor weight = projection.weight.contiguous();
  return {to_fixed_point(weight, column_gain(norm, inputs), exact_bits(weight.size(1), largest_contribution(inputs))),
          folded_bias(projection, norm, inputs.rest), inputs, site};
}

SpikingLinear fold(const QuantizedLinear& linear, const Population& inputs, SiteId site) {
  const at::Tensor weight = linear.weight.contiguous();
  FixedPointMatrix fixed{weight.size(0), weight.size(1), kQuantizedBits, {}, {}};
  require_valid(inputs, fixed.columns);
  fixed.mantissa = Mantissas(weight);
  fixed.unit = doubles(linear.scale);
  at::Tensor bias = linear.bias.to(at::kDouble);
  if (!inputs.rest.empty()) {
    at::Tensor unsaid = at::tensor(inputs.rest, at::kDouble);
    if (!inputs.profile.empty()) unsaid = unsaid / at::tensor(inputs.profile, at::kDouble);
    bias = bias + linear.scale.to(at::kDouble) * weight.to(at::kDouble).mv(unsaid);
  }
  return {std::move(fixed), doubles(bias), inputs, site};
}

SpikingLinear fold_head(const QuantizedWeights& quantized, const model::TransformerWeights& weights, const Plan& plan) {
  const SiteId site{plan.layers(), Site::head};
  const Population& inputs = plan.at(site.layer, site.site);
  const auto integers = quantized.find(site);
  if (integers != quantized.end()) return fold(integers->second, inputs, site);
  return fold(weights.head(), weights.final_norm, inputs, site);
}

model::Block block_behind(const QuantizedWeights& quantized, const model::Blocks& blocks, std::int64_t layer) {
  const bool all = std::ranges::all_of(kBlockProjections, [&](Site site) {
    return quantized.contains(SiteId{layer, site});
  });
  return all ? model::Block{} : blocks[layer];
}

model::Projection stack(const std::vector<model::Projection>& projections) {
  if (projections.size() == 1) return projections.front();
  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> biases;
  for (const model::Projection& projection : projections) {
    weights.push_back(projection.weight);
    biases.push_back(projection.bias.defined() ? projection.bias : at::zeros({projection.weight.size(0)}));
  }
  return {at::cat(weights), at::cat(biases)};
}

SpikingLinear fold(const QuantizedWeights& quantized, const model::Block& block, const Plan& plan, SiteId site) {
  const Population& inputs = plan.at(site.layer, site.site);
  const auto integers = quantized.find(site);
  if (integers != quantized.end()) return fold(integers->second, inputs, site);
  return fold(stack(readers(block, site.site)), norm_before(block, site.site), inputs, site);
}

std::vector<model::Projection> readers(const model::Block& block, Site site) {
  switch (site) {
    case Site::query_key_value:
      return {block.query, block.key, block.value};
    case Site::attention_output:
      return {block.attention_output};
    case Site::up:
      if (block.gate.weight.defined()) return {block.gate, block.up};
      return {block.up};
    case Site::down:
      return {block.down};
    case Site::scores:
    case Site::mix:
    case Site::head:
      break;
  }
  throw std::invalid_argument("a site of a block without weights: " + std::string(site_name(site)));
}

model::Norm norm_before(const model::Block& block, Site site) {
  if (site == Site::query_key_value) return block.attention_norm;
  return site == Site::up ? block.mlp_norm : model::Norm{};
}

std::vector<int> head_exponents(const SpikingLinear& layer, std::int64_t first_output, std::int64_t heads,
                                std::int64_t head_dim, int bits) {
  std::vector<int> exponents(heads);
  for_each_task(heads, [&](std::int64_t head) {
    const std::vector<double> bounds = output_bounds(layer, first_output + head * head_dim, head_dim);
    exponents[head] = grid_exponent(*std::max_element(bounds.begin(), bounds.end()), bits);
  });
  return exponents;
}

std::vector<int> turned_head_exponents(const SpikingLinear& layer, std::int64_t first_output, std::int64_t heads,
                                       std::int64_t head_dim, int bits, double amplitude) {
  const std::int64_t pairs = head_dim / 2;
  std::vector<int> exponents(heads);
  for_each_task(heads, [&](std::int64_t head) {
    const std::vector<double> bounds = output_bounds(layer, first_output + head * head_dim, head_dim);
    double longest = 0.0;
    for (std::int64_t i = 0; i < pairs; ++i) longest = std::max(longest, std::hypot(bounds[i], bounds[i + pairs]));
    exponents[head] = grid_exponent(amplitude * longest, bits);
  });
  return exponents;
}

}  // namespace stac::snn
