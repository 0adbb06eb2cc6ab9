// Weights in int8, one scale per output, folded as the spikes meet them: spikes then add eight-bit integers.
#pragma once
#include <cstdint>
#include <functional>

#include "stac/model/weights.hpp"
#include "stac/snn/engine.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/quantized_linear.hpp"

namespace stac::convert {

/// Nearest integers to weight / scale, scale = a row's largest magnitude / 127: off by at most half a scale.
/// @param folded  of inputs without rest, which is no part of the weights
[[nodiscard]] snn::QuantizedLinear quantize(const snn::SpikingLinear& folded);

/// The weights of one site as its spikes meet them, without the inputs' rest: what quantize() takes.
/// @param where  a site of the block's layer that holds weights
[[nodiscard]] snn::SpikingLinear folded_site(const model::Block& block, snn::SiteId where, const snn::Plan& plan);
[[nodiscard]] snn::SpikingLinear folded_head(const model::TransformerWeights& weights, const snn::Plan& plan);

/// The sites of one layer that hold weights; all of a network's.
[[nodiscard]] snn::QuantizedWeights quantize_block(const model::Block& block, std::int64_t layer,
                                                   const snn::Plan& plan);
/// @param progress  called before each layer
[[nodiscard]] snn::QuantizedWeights quantize(const model::TransformerWeights& weights, const snn::Plan& plan,
                                             const std::function<void(std::int64_t layer)>& progress = {});

/// The same function without spikes: f32 weights scale * weight / theta behind norms without gain and bias, made when
/// they are asked for.
/// @param embeddings  where token and position embeddings are taken from
[[nodiscard]] model::TransformerWeights dequantized(const snn::QuantizedWeights& quantized, const snn::Plan& plan,
                                                    const model::TransformerConfig& config,
                                                    const model::TransformerWeights& embeddings);

}  // namespace stac::convert
