// Exact products of 16-bit integer codes with eight-bit weights in panels, in 32-bit sums. Pairs of inputs that did not
// spike can be left out: their weights are not read.
#pragma once
#include <cstddef>
#include <cstdint>

namespace stac::snn {

/// Outputs that stand side by side in one panel of [pairs of inputs][outputs][2].
inline constexpr std::int64_t kByteOutputs = 64;
inline constexpr std::int64_t kBytePair = 2 * kByteOutputs;  ///< bytes of a pair of inputs
/// Rows of codes that one call takes at most: what registers hold.
inline constexpr std::int64_t kByteRows = 4;

/// Pairs of inputs whose products with codes up to `largest_code` fit a 32-bit sum, whatever the weights.
[[nodiscard]] std::int64_t byte_pairs_that_fit(std::int32_t largest_code);

/// Lays out the weights of kByteOutputs outputs, or of the last few.
/// @param weights  [outputs, inputs]
/// @param panel    [pairs * kBytePair], written whole
void pack_byte_panel(const std::int8_t* weights, std::int64_t outputs, std::int64_t inputs, std::int8_t* panel);

/// Codes of a few rows as the kernel reads them.
struct ByteCodes {
  const std::int16_t* codes = nullptr;  ///< [rows, stride], of `count` pairs each
  std::ptrdiff_t stride = 0;
  std::int64_t rows = 0;                ///< 1 .. kByteRows
  const std::int32_t* pairs = nullptr;  ///< [count], which pairs of the panel they meet; null: the first `count`
  std::int64_t count = 0;
};

/// sums[r][lane] = sum_j codes[r][j] * weight[lane][j]
/// @param codes  of at most byte_pairs_that_fit pairs
/// @param sums   [rows, kByteOutputs], overwritten
void multiply_bytes(const std::int8_t* panel, const ByteCodes& codes, std::int32_t* sums);

/// out[i] = read_out(sums[i], row_unit * unit[i], bias[i]) of membrane_functions.hpp
void read_out_row(const std::int32_t* sums, std::int64_t n, double row_unit, const double* unit, const double* bias,
                  float* out);

}  // namespace stac::snn
