// Exact products of integer codes of 16 bits with eight-bit weights in panels, in 32-bit sums. Pairs of inputs that did
// not spike can be left out: their weights are not read.
#pragma once
#include <cstddef>
#include <cstdint>

#include "snn/byte_panel.hpp"

namespace stac::snn {

/// Rows of codes that one call takes at most: what registers hold.
inline constexpr std::int64_t kByteRows = 4;

/// Pairs of inputs whose products with codes up to `largest_code` fit a 32-bit sum, whatever the weights.
[[nodiscard]] std::int64_t byte_pairs_that_fit(std::int32_t largest_code);

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

/// What list_spiking_pairs may write behind its last pair.
inline constexpr std::int64_t kListSlack = 16;

/// The pairs in which something spikes in some row, and their codes.
/// @param codes   of all pairs of the rows
/// @param pairs   [codes.count + kListSlack], the first ones written
/// @param listed  [codes.rows, stride], the first ones of each row written
/// @param stride  >= 2 * (codes.count + kListSlack)
/// @return how many they are
[[nodiscard]] std::int64_t list_spiking_pairs(const ByteCodes& codes, std::int32_t* pairs, std::int16_t* listed,
                                              std::ptrdiff_t stride);

/// out[i] = read_out(sums[i], row_unit * unit[i], bias[i]) of membrane_functions.hpp
void read_out_row(const std::int32_t* sums, std::int64_t n, double row_unit, const double* unit, const double* bias,
                  float* out);

}  // namespace stac::snn
