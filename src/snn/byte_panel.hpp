// How eight-bit weights are laid out for byte_product.hpp: in panels of [pairs of inputs][outputs][2].
#pragma once
#include <cstdint>

namespace stac::snn {

/// Outputs that stand side by side in one panel.
inline constexpr std::int64_t kByteOutputs = 64;
inline constexpr std::int64_t kBytePair = 2 * kByteOutputs;  ///< bytes of a pair of inputs

/// Lays out the weights of kByteOutputs outputs, or of the last few.
/// @param weights  [outputs, inputs]
/// @param panel    [(inputs + 1) / 2 * kBytePair], written whole: what weights do not fill is 0
void pack_byte_panel(const std::int8_t* weights, std::int64_t outputs, std::int64_t inputs, std::int8_t* panel);

}  // namespace stac::snn
