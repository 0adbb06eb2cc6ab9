// From trained parameters to spiking projections: the norm in front is folded in, the result is rounded to the integer
// grid.
#pragma once
#include <vector>

#include "stac/model/weights.hpp"
#include "stac/snn/engine.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/quantized_linear.hpp"

namespace stac::snn {

/// W' = W diag(gain theta), b' = b + W (beta + gain rest); norm undefined: gain 1, beta 0; theta and rest: the inputs'
/// profile and rest.
[[nodiscard]] SpikingLinear fold(const model::Projection& projection, const model::Norm& norm, const Population& inputs,
                                 SiteId site);

/// The same of int8 weights, in which gain, theta and beta are already.
[[nodiscard]] SpikingLinear fold(const QuantizedLinear& linear, const Population& inputs, SiteId site);

/// The site's int8 weights where it has some, else the block's.
[[nodiscard]] SpikingLinear fold(const QuantizedWeights& quantized, const model::Block& block, const Plan& plan,
                                 SiteId site);
[[nodiscard]] SpikingLinear fold_head(const QuantizedWeights& quantized, const model::TransformerWeights& weights,
                                      const Plan& plan);

/// A layer's block; an empty one where all of its sites have int8 weights, so that none is made for nothing.
[[nodiscard]] model::Block block_behind(const QuantizedWeights& quantized, const model::Blocks& blocks,
                                        std::int64_t layer);

/// Projections that read the same membranes, as one: their neurons spike once for all of them.
[[nodiscard]] model::Projection stack(const std::vector<model::Projection>& projections);

/// What the population at one site of a block spikes into, in the order in which the outputs stand: queries, keys and
/// values; the gates, where the MLP has them, before the ups.
/// @param site  one of those with weights
[[nodiscard]] std::vector<model::Projection> readers(const model::Block& block, Site site);
/// The norm in front of that site; undefined where there is none.
[[nodiscard]] model::Norm norm_before(const model::Block& block, Site site);

/// Exponent of the grid on which each key or value head is cached, from the weights alone. A normed row has length at
/// most sqrt(inputs), and decoding at most doubles a channel, so |y_i| <= 2 sqrt(inputs) |W'_i| + |b'_i|. (Under a
/// profile a row of `layer` holds W'_ij theta_j, which is divided out again.)
/// @param first_output  of `layer`, where the heads begin
[[nodiscard]] std::vector<int> head_exponents(const SpikingLinear& layer, std::int64_t first_output, std::int64_t heads,
                                              std::int64_t head_dim, int bits);

/// The same of keys that are turned before they are cached. A turn keeps a pair's length, so either of its channels is
/// at most sqrt(bound_i^2 + bound_j^2), times the rotation's amplitude.
[[nodiscard]] std::vector<int> turned_head_exponents(const SpikingLinear& layer, std::int64_t first_output,
                                                     std::int64_t heads, std::int64_t head_dim, int bits,
                                                     double amplitude);

}  // namespace stac::snn
