// Real matrices as integers under a power of two per row: sums over integer codes are then exact in any order, which is
// what makes engines, splits of the input, batch rows and thread counts agree bit for bit (docs/theory.md, "Exact
// sums").
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace stac::snn {

/// The integers of a matrix, row by row: of 32 bits, or bytes that are somebody else's (an artifact's, as it is
/// mapped).
class Mantissas {
 public:
  Mantissas() = default;
  Mantissas(std::vector<std::int32_t> wide) : numbers_(std::move(wide)) {}
  /// @param bytes  int8, contiguous; shared
  explicit Mantissas(at::Tensor bytes) : numbers_(std::move(bytes)) {}

  [[nodiscard]] std::int64_t size() const {
    const auto* const bytes = std::get_if<at::Tensor>(&numbers_);
    return bytes ? bytes->numel() : static_cast<std::int64_t>(std::get<Wide>(numbers_).size());
  }

  /// What `function` returns for a pointer to the first of them, to std::int8_t or std::int32_t.
  template <typename Function>
  auto visit(Function function) const {
    if (const auto* const bytes = std::get_if<at::Tensor>(&numbers_)) {
      return function(static_cast<const std::int8_t*>(bytes->data_ptr<std::int8_t>()));
    }
    return function(std::get<Wide>(numbers_).data());
  }

  [[nodiscard]] std::int32_t operator[](std::int64_t i) const {
    return visit([i](const auto* first) { return std::int32_t{first[i]}; });
  }

  /// [size()] of int32 or int8, not copied: they must outlive it.
  [[nodiscard]] at::Tensor tensor() const;

 private:
  using Wide = std::vector<std::int32_t>;
  std::variant<Wide, at::Tensor> numbers_;
};

/// value[i][j] = mantissa[i][j] * unit[i], |mantissa| < 2^bits.
struct FixedPointMatrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  int bits = 0;
  Mantissas mantissa;        ///< [rows, columns]
  std::vector<double> unit;  ///< [rows], a power of two, or the f32 scale of int8 weights
};

/// Widest mantissa, at most 30 bits, with which `terms` products with codes up to `full_scale` cannot overflow 63 bits.
[[nodiscard]] int exact_bits(std::int64_t terms, std::int64_t full_scale);

/// Smallest exponent e with |magnitude| < 2^(e + bits); the grid on which a row of that largest magnitude is rounded.
[[nodiscard]] int grid_exponent(double magnitude, int bits);

/// Nearest integer to value / 2^exponent, saturated at +-(2^bits - 1).
[[nodiscard]] std::int32_t to_mantissa(double value, int exponent, int bits);

/// Rounds weight[i][j] * column_gain[j] (no gains: 1) to each row's own grid. The error is at most 2^-(bits + 1)
/// of a power of two above the row's largest magnitude: below f32's own for all but weights 128 times smaller than the
/// largest.
/// @param weight       [rows, columns], f32, contiguous
/// @param column_gain  [columns], or none
[[nodiscard]] FixedPointMatrix to_fixed_point(const at::Tensor& weight, std::span<const double> column_gain, int bits);

}  // namespace stac::snn
