#include "stac/convert/quantization.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <memory>
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

model::Norm without_parameters(const model::TransformerConfig& config) {
  const bool has_bias = config.norm == model::NormKind::layer;
  return {at::ones({config.hidden_size}), has_bias ? at::zeros({config.hidden_size}) : at::Tensor()};
}

/// The inverse of snn::stack: projections of these numbers of outputs.
std::vector<model::Projection> unstack(const model::Projection& stacked, const std::vector<std::int64_t>& outputs) {
  std::vector<model::Projection> parts;
  std::int64_t first = 0;
  for (const std::int64_t count : outputs) {
    parts.push_back({stacked.weight.narrow(0, first, count), stacked.bias.narrow(0, first, count)});
    first += count;
  }
  return parts;
}

model::Projection dequantized(const snn::QuantizedLinear& linear, const snn::Population& inputs) {
  const std::int64_t outputs = linear.weight.size(0), channels = linear.weight.size(1);
  const at::Tensor theta = thresholds(inputs, channels);
  at::Tensor weight = at::empty({outputs, channels});
  at::parallel_for(0, outputs, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const auto scale = static_cast<double>(linear.scale.data_ptr<float>()[i]);
      const std::int8_t* const row = linear.weight.data_ptr<std::int8_t>() + i * channels;
      std::transform(row, row + channels, theta.data_ptr<double>(), weight.data_ptr<float>() + i * channels,
                     [scale](std::int8_t m, double t) { return static_cast<float>(m * scale / t); });
    }
  });
  return {weight, linear.bias};
}

/// A network in eight bits.
struct Integers {
  snn::QuantizedWeights quantized;
  snn::Plan plan;
  model::TransformerConfig config;

  [[nodiscard]] model::Projection projection(std::int64_t layer, Site site) const {
    return dequantized(quantized.at({layer, site}), plan.at(layer, site));
  }

  [[nodiscard]] model::Block block(std::int64_t layer) const {
    const std::int64_t queries = config.heads * config.head_dim, keys = config.kv_heads * config.head_dim;
    const auto qkv = unstack(projection(layer, Site::query_key_value), {queries, keys, keys});
    const auto up = unstack(projection(layer, Site::up),
                            std::vector<std::int64_t>(config.gated_mlp ? 2 : 1, config.intermediate_size));
    model::Block block;
    block.attention_norm = block.mlp_norm = without_parameters(config);
    block.query = qkv[0];
    block.key = qkv[1];
    block.value = qkv[2];
    block.attention_output = projection(layer, Site::attention_output);
    if (config.gated_mlp) block.gate = up.front();
    block.up = up.back();
    block.down = projection(layer, Site::down);
    return block;
  }
};

template <typename Integer>
double largest_magnitude(const Integer* row, std::int64_t n) {
  return std::transform_reduce(
      row, row + n, 0.0, [](double a, double b) { return std::max(a, b); },
      [](Integer m) { return std::abs(static_cast<double>(m)); });
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
  const auto quantize_row = [&](std::int64_t i, const auto* row) {
    const double largest = largest_magnitude(row, fixed.columns) * fixed.unit[i];
    const auto scale = static_cast<float>(largest / kLargest);
    const double steps = scale > 0.0F ? fixed.unit[i] / static_cast<double>(scale) : 0.0;
    std::transform(row, row + fixed.columns, result.weight.data_ptr<std::int8_t>() + i * fixed.columns,
                   [steps](std::int32_t m) {
                     return static_cast<std::int8_t>(std::clamp(std::nearbyint(m * steps), -kLargest, kLargest));
                   });
    result.scale.data_ptr<float>()[i] = scale;
    result.bias.data_ptr<float>()[i] = static_cast<float>(folded.bias[i]);
  };
  fixed.mantissa.visit([&](const auto* first) {
    for (std::int64_t i = 0; i < fixed.rows; ++i) quantize_row(i, first + i * fixed.columns);
  });
  return result;
}

snn::SpikingLinear folded_site(const model::Block& block, snn::SiteId where, const snn::Plan& plan) {
  return folded(snn::stack(snn::readers(block, where.site)), snn::norm_before(block, where.site), plan, where);
}

snn::SpikingLinear folded_head(const model::TransformerWeights& weights, const snn::Plan& plan) {
  return folded(weights.head(), weights.final_norm, plan, {plan.layers(), Site::head});
}

snn::QuantizedWeights quantize_block(const model::Block& block, std::int64_t layer, const snn::Plan& plan) {
  snn::QuantizedWeights quantized;
  for (const Site site : snn::kBlockProjections) {
    quantized[{layer, site}] = quantize(folded_site(block, {layer, site}, plan));
  }
  return quantized;
}

snn::QuantizedWeights quantize(const model::TransformerWeights& weights, const snn::Plan& plan,
                               const std::function<void(std::int64_t layer)>& progress) {
  snn::QuantizedWeights quantized;
  for (std::int64_t layer = 0; layer < plan.layers(); ++layer) {
    if (progress) progress(layer);
    quantized.merge(quantize_block(weights.blocks[layer], layer, plan));
  }
  quantized[{plan.layers(), Site::head}] = quantize(folded_head(weights, plan));
  return quantized;
}

model::TransformerWeights dequantized(const snn::QuantizedWeights& quantized, const snn::Plan& plan,
                                      const model::TransformerConfig& config,
                                      const model::TransformerWeights& embeddings) {
  const auto network = std::make_shared<const Integers>(Integers{quantized, plan, config});
  model::TransformerWeights weights;
  weights.token_embedding = embeddings.token_embedding;
  weights.position_embedding = embeddings.position_embedding;
  weights.blocks = {config.layers, [network](std::int64_t layer) { return network->block(layer); }};
  weights.final_norm = without_parameters(config);
  weights.head = [network] { return network->projection(network->config.layers, Site::head); };
  return weights;
}

}  // namespace stac::convert
