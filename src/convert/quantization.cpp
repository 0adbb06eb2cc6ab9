#include "stac/convert/quantization.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

#include "stac/snn/folding.hpp"

namespace stac::convert {
namespace {

using snn::Site;

constexpr double kLargest = 127.0;

at::Tensor thresholds(const snn::Population& inputs, std::int64_t channels) {
  return inputs.profile.empty() ? at::ones({channels}, at::kDouble)
                                : at::tensor(inputs.profile).to(at::kDouble).contiguous();
}

model::Norm without_parameters(std::int64_t hidden) { return {at::ones({hidden}), at::zeros({hidden})}; }

model::Projection dequantized(const snn::QuantizedLinear& linear, const snn::Population& inputs) {
  const at::Tensor weight = linear.weight.to(at::kDouble) * linear.scale.to(at::kDouble).unsqueeze(1) /
                            thresholds(inputs, linear.weight.size(1));
  return {weight.to(at::kFloat).contiguous(), linear.bias};
}

double largest_magnitude(const std::int32_t* row, std::int64_t n) {
  return std::transform_reduce(
      row, row + n, 0.0, [](double a, double b) { return std::max(a, b); },
      [](std::int32_t m) { return std::abs(static_cast<double>(m)); });
}

snn::SpikingLinear folded(const model::Projection& projection, const model::Norm& norm, const snn::Plan& plan,
                          snn::SiteId where) {
  snn::Population inputs = plan.at(where.layer, where.site);
  inputs.rest = {};
  return snn::fold(projection, norm, inputs, where);
}

}  // namespace

snn::QuantizedLinear quantize(const snn::SpikingLinear& folded) {
  const snn::FixedPointMatrix& fixed = folded.weight;
  snn::QuantizedLinear result{at::empty({fixed.rows, fixed.columns}, at::kChar), at::empty({fixed.rows}),
                              at::empty({fixed.rows})};
  for (std::int64_t i = 0; i < fixed.rows; ++i) {
    const std::int32_t* const row = fixed.mantissa.data() + i * fixed.columns;
    const double largest = largest_magnitude(row, fixed.columns) * fixed.unit[i];
    const auto scale = static_cast<float>(largest / kLargest);
    const double steps = scale > 0.0F ? fixed.unit[i] / static_cast<double>(scale) : 0.0;
    std::transform(row, row + fixed.columns, result.weight.data_ptr<std::int8_t>() + i * fixed.columns,
                   [steps](std::int32_t m) {
                     return static_cast<std::int8_t>(std::clamp(std::nearbyint(m * steps), -kLargest, kLargest));
                   });
    result.scale.data_ptr<float>()[i] = scale;
    result.bias.data_ptr<float>()[i] = static_cast<float>(folded.bias[i]);
  }
  return result;
}

snn::SpikingLinear folded_site(const model::Block& block, snn::SiteId where, const snn::Plan& plan) {
  switch (where.site) {
    case Site::query_key_value:
      return folded(snn::stack({block.query, block.key, block.value}), block.attention_norm, plan, where);
    case Site::attention_output:
      return folded(block.attention_output, {}, plan, where);
    case Site::up:
      return folded(block.up, block.mlp_norm, plan, where);
    case Site::down:
      return folded(block.down, {}, plan, where);
    default:
      throw std::logic_error(std::string(snn::site_name(where.site)) + " holds no weights of a block");
  }
}

snn::SpikingLinear folded_head(const model::TransformerWeights& weights, const snn::Plan& plan) {
  return folded(weights.head, weights.final_norm, plan, {plan.layers(), Site::head});
}

snn::QuantizedWeights quantize_block(const model::Block& block, std::int64_t layer, const snn::Plan& plan) {
  snn::QuantizedWeights quantized;
  for (const Site site : {Site::query_key_value, Site::attention_output, Site::up, Site::down}) {
    quantized[{layer, site}] = quantize(folded_site(block, {layer, site}, plan));
  }
  return quantized;
}

snn::QuantizedWeights quantize(const model::TransformerWeights& weights, const snn::Plan& plan) {
  snn::QuantizedWeights quantized;
  for (std::int64_t layer = 0; layer < plan.layers(); ++layer) {
    quantized.merge(quantize_block(weights.blocks[layer], layer, plan));
  }
  quantized[{plan.layers(), Site::head}] = quantize(folded_head(weights, plan));
  return quantized;
}

model::TransformerWeights dequantized(const snn::QuantizedWeights& quantized, const snn::Plan& plan,
                                      const model::TransformerConfig& config,
                                      const model::TransformerWeights& embeddings) {
  const auto projection = [&](std::int64_t layer, Site site) {
    return dequantized(quantized.at({layer, site}), plan.at(layer, site));
  };
  const std::int64_t queries = config.heads * config.head_dim, keys = config.kv_heads * config.head_dim;
  model::TransformerWeights weights;
  weights.token_embedding = embeddings.token_embedding;
  weights.position_embedding = embeddings.position_embedding;
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    const model::Projection qkv = projection(layer, Site::query_key_value);
    const auto part = [&](std::int64_t first, std::int64_t count) -> model::Projection {
      return {qkv.weight.narrow(0, first, count), qkv.bias.narrow(0, first, count)};
    };
    model::Block block;
    block.attention_norm = block.mlp_norm = without_parameters(config.hidden_size);
    block.query = part(0, queries);
    block.key = part(queries, keys);
    block.value = part(queries + keys, keys);
    block.attention_output = projection(layer, Site::attention_output);
    block.up = projection(layer, Site::up);
    block.down = projection(layer, Site::down);
    weights.blocks.push_back(std::move(block));
  }
  weights.final_norm = without_parameters(config.hidden_size);
  weights.head = projection(config.layers, Site::head);
  return weights;
}

}  // namespace stac::convert
