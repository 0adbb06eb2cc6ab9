// Vectorised reductions of rows. Sums have an order that is part of the result: eight partial sums, element j in the
// (j mod 8)th, added in index order; so every instruction set gives the same.
#pragma once
#include <cstdint>

namespace stac::snn {

/// max_j of the bits of |row[j]|: magnitudes order like their bits, and a NaN is above infinity.
[[nodiscard]] std::uint32_t largest_magnitude_bits(const float* row, std::int64_t n);

/// max_j row[j] of finite numbers, n > 0
[[nodiscard]] float largest_value(const float* row, std::int64_t n);

/// sum_j row[j], and sum_j (row[j] - centre)^2, in f64
[[nodiscard]] double ordered_sum(const float* row, std::int64_t n);
[[nodiscard]] double ordered_squares(const float* row, std::int64_t n, double centre);

/// out[j] <- (row[j] - centre) factor, in f64 and rounded once. In place is fine.
void centre_and_scale(const float* row, std::int64_t n, double centre, double factor, float* out);

/// What a table says of codes, |codes[j]| < levels.
struct CodeCounts {
  std::uint64_t spikes = 0;   ///< sum_j table[|codes[j]|]
  std::uint64_t silent = 0;   ///< codes of 0
  std::uint64_t largest = 0;  ///< codes of +-largest
};

/// @param table  [levels], levels <= kByteLevels
[[nodiscard]] CodeCounts count_codes(const std::int32_t* codes, std::int64_t n, const std::uint8_t* table,
                                     std::int32_t levels, std::int32_t largest);
inline constexpr std::int32_t kByteLevels = 256;

/// to_mantissa (fixed_point.hpp) of every value.
void to_mantissas(const float* values, std::int64_t n, int exponent, int bits, std::int32_t* mantissas);

}  // namespace stac::snn
