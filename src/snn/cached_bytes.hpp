// Whole numbers as bytes in steps of their own: what a cache of eight bits keeps of a head's key or value of one token.
#pragma once
#include <cstdint>

namespace stac::snn {

/// Of a key: the smallest whole number in whose steps its largest magnitude is at most 127.5. A key's step waits until
/// its score is read, so it may be any.
/// @param mantissas  [n], |m| < 2^15: the step is at most 257
[[nodiscard]] int key_step(const std::int32_t* mantissas, std::int64_t n);

/// Of a value: the smallest power of two in whose steps its largest magnitude is below 128. A value takes its step at
/// every spike, so it is a shift.
/// @param mantissas  [n], |m| < 2^15: the step is at most 256
[[nodiscard]] int value_step(const std::int32_t* mantissas, std::int64_t n);

/// The nearest bytes to mantissas[i] / step, ties to even, saturated at +-127; |byte * step| < 2^15.
/// @param step  key_step or value_step of them
void to_bytes(const std::int32_t* mantissas, std::int64_t n, int step, std::int8_t* bytes);

/// wide[i] = panel[i] times the step of its output: a panel of 16-bit mantissas in one slice (integer_product.hpp).
/// @param panel         [pairs of inputs][kPanelOutputs][2]
/// @param output_steps  [kPanelOutputs]
void widen_by_outputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* output_steps,
                      std::int16_t* wide);

/// The same with the step of its input. @param input_steps  [2 * pairs]
void widen_by_inputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* input_steps, std::int16_t* wide);

}  // namespace stac::snn
