// Exact products of 16-bit integer codes with matrices of mantissas, in 64-bit sums. A mantissa of up to 30 bits stands
// in its panel as two slices of 15 bits, one of up to 15 bits as a single one. (Weights of eight bits:
// byte_product.hpp.)
#pragma once
#include <cstddef>
#include <cstdint>

namespace stac::snn {

/// Slices of a mantissa in a panel, two bytes each.
enum class Slices : int { one = 1, two = 2 };
inline constexpr int kPanelSliceBits = 15;

/// Outputs that stand side by side in one panel of [pairs of inputs][slices][outputs][2].
inline constexpr std::int64_t kPanelOutputs = 16;
/// What a panel holds of two inputs in one slice: inputs are taken two at a time.
inline constexpr std::int64_t kSliceElements = kPanelOutputs * 2;

/// What a panel holds of two inputs.
[[nodiscard]] constexpr std::int64_t pair_elements(Slices slices) { return kSliceElements * static_cast<int>(slices); }

/// Where the highest slice of (output lane, input) stands in a panel; the next stands kSliceElements further on.
[[nodiscard]] inline std::int64_t panel_offset(Slices slices, std::int64_t lane, std::int64_t input) {
  return input / 2 * pair_elements(slices) + lane * 2 + input % 2;
}

/// @param mantissa  |m| < 2^15; in two slices |m| < 2^30, m = high 2^15 + low, 0 <= low < 2^15
inline void store_mantissa(std::int16_t* panel, Slices slices, std::int64_t lane, std::int64_t input,
                           std::int32_t mantissa) {
  std::int16_t* const highest = panel + panel_offset(slices, lane, input);
  if (slices == Slices::one) {
    highest[0] = static_cast<std::int16_t>(mantissa);
    return;
  }
  highest[0] = static_cast<std::int16_t>(mantissa >> kPanelSliceBits);
  highest[kSliceElements] = static_cast<std::int16_t>(mantissa & ((1 << kPanelSliceBits) - 1));
}

/// What store_mantissa wrote.
[[nodiscard]] inline std::int32_t load_mantissa(const std::int16_t* panel, Slices slices, std::int64_t lane,
                                                std::int64_t input) {
  const std::int16_t* const highest = panel + panel_offset(slices, lane, input);
  if (slices == Slices::one) return highest[0];
  return std::int32_t{highest[0]} * (1 << kPanelSliceBits) + highest[kSliceElements];
}

/// Pairs of inputs whose products with codes up to `largest_code` fit a 32-bit sum, and whose weights fit the cache.
[[nodiscard]] std::int64_t pairs_per_flush(std::int32_t largest_code);

/// sums[r][lane] += sum_j codes[r][j] * mantissa[lane][j]
/// @param codes        [rows, code_stride], code_stride >= 2 * pairs, any int16 that `flush_pairs` allows for
/// @param flush_pairs  pairs_per_flush of the largest code
/// @param sums         [rows, kPanelOutputs]
void accumulate_panel(const std::int16_t* panel, Slices slices, std::int64_t pairs, const std::int16_t* codes,
                      std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t flush_pairs, std::int64_t* sums);

/// out[i] = read_out(sums[i], unit, 0) of membrane_functions.hpp
void read_out_row(const std::int64_t* sums, std::int64_t n, double unit, float* out);

}  // namespace stac::snn
