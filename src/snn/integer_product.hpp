// Exact products of 16-bit integer codes with matrices of 30-bit mantissas, in 64-bit sums. A mantissa stands in its
// panel as two 15-bit slices. (Weights of eight bits: byte_product.hpp.)
#pragma once
#include <cstddef>
#include <cstdint>

namespace stac::snn {

/// Outputs that stand side by side in one panel of [pairs of inputs][2 slices][outputs][2].
inline constexpr std::int64_t kPanelOutputs = 16;
/// What a panel holds of two inputs: inputs are taken two at a time.
inline constexpr std::int64_t kPairElements = kPanelOutputs * 2 * 2;

/// Where the high slice of (output lane, input) stands in a panel; its low one stands kPanelOutputs * 2 further on.
[[nodiscard]] inline std::int64_t panel_offset(std::int64_t lane, std::int64_t input) {
  return input / 2 * kPairElements + lane * 2 + input % 2;
}

/// Splits a mantissa, |m| < 2^30, into its slices: m = high 2^15 + low, 0 <= low < 2^15.
inline void store_mantissa(std::int16_t* panel, std::int64_t lane, std::int64_t input, std::int32_t mantissa) {
  std::int16_t* const high = panel + panel_offset(lane, input);
  high[0] = static_cast<std::int16_t>(mantissa >> 15);
  high[kPanelOutputs * 2] = static_cast<std::int16_t>(mantissa & 0x7fff);
}

/// What store_mantissa wrote.
[[nodiscard]] inline std::int32_t load_mantissa(const std::int16_t* panel, std::int64_t lane, std::int64_t input) {
  const std::int16_t* const high = panel + panel_offset(lane, input);
  return std::int32_t{high[0]} * (1 << 15) + high[kPanelOutputs * 2];
}

/// Pairs of inputs whose products with codes up to `largest_code` fit a 32-bit sum, and whose weights fit the cache.
[[nodiscard]] std::int64_t pairs_per_flush(std::int32_t largest_code);

/// sums[r][lane] += sum_j codes[r][j] * mantissa[lane][j]
/// @param codes        [rows, code_stride], code_stride >= 2 * pairs, any int16 that `flush_pairs` allows for
/// @param flush_pairs  pairs_per_flush of the largest code
/// @param sums         [rows, kPanelOutputs]
void accumulate_panel(const std::int16_t* panel, std::int64_t pairs, const std::int16_t* codes,
                      std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t flush_pairs, std::int64_t* sums);

/// out[i] = read_out(sums[i], unit, 0) of membrane_functions.hpp
void read_out_row(const std::int64_t* sums, std::int64_t n, double unit, float* out);

}  // namespace stac::snn
