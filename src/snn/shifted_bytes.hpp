// Whole numbers as bytes under one shift: what a cache of eight bits keeps of a head's key or value of one token.
#pragma once
#include <cstdint>

namespace stac::snn {

/// The smallest shift under which the largest of these magnitudes is below 128.
/// @param mantissas  [n], |m| < 2^15: the shift is at most 8
[[nodiscard]] int byte_shift(const std::int32_t* mantissas, std::int64_t n);

/// The nearest byte to mantissa / 2^shift, ties to even, saturated at +-127; |byte * 2^shift| < 2^15.
[[nodiscard]] std::int8_t to_byte(std::int32_t mantissa, int shift);

/// Each becomes to_byte(m, shift) * 2^shift under the shift that they share. Doing so again changes nothing.
void round_to_bytes(std::int32_t* mantissas, std::int64_t n);

/// wide[i] = panel[i] times the factor of its output: a panel of 16-bit mantissas in one slice (integer_product.hpp).
/// @param panel         [pairs of inputs][kPanelOutputs][2]
/// @param lane_factors  [kPanelOutputs], powers of two up to 2^8
void widen_by_outputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* lane_factors,
                      std::int16_t* wide);

/// The same with the factor of its input. @param input_factors  [2 * pairs]
void widen_by_inputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* input_factors,
                     std::int16_t* wide);

}  // namespace stac::snn
