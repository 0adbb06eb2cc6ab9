// What acts on membranes once per window: norms, softmax, activations, and the read-out of integer sums. One row at a
// time and in a fixed order, shared by both engines, so that no result depends on how rows are grouped.
#pragma once
#include <cstdint>

#include "stac/model/config.hpp"

namespace stac::snn {

/// Integer sum -> membrane: one rounding to f32.
[[nodiscard]] inline float read_out(std::int64_t sum, double unit, double bias) {
  return static_cast<float>(static_cast<double>(sum) * unit + bias);
}

/// max_j |row[j]|
/// @throws stac::Error  a value is NaN or infinite (named by its index)
[[nodiscard]] float largest_magnitude(const float* row, std::int64_t n);

/// LayerNorm or RMSNorm, without gain and bias: those are folded into the next projection. In place is fine.
void normalise(model::NormKind kind, const float* row, std::int64_t n, double eps, float* normalised);

/// row[j] <- exp(row[j] - max); returns the sum, accumulated in f64 in index order.
double exponentials(float* row, std::int64_t n);

/// row[j] <- activation(row[j])
void activate(model::Activation activation, float* row, std::int64_t n);

/// What an MLP's neurons speak: inner[j] <- activation(up[j]) of a plain one; activation(gate[j]) up[j] of a gated one.
/// @param projected  [width], or [2 width]: gates, then ups
/// @param inner      [width], another row
void mlp_membranes(const model::TransformerConfig& config, const float* projected, float* inner);

}  // namespace stac::snn
