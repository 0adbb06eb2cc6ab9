#include "stac/snn/fixed_point.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace stac::snn {

int exact_bits(std::int64_t terms, std::int64_t full_scale) {
  const auto bits = [](std::int64_t n) { return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n))); };
  const int sum_bits = bits(terms) + bits(full_scale);
  return std::min(30, 63 - sum_bits);
}

int grid_exponent(double magnitude, int bits) {
  if (magnitude == 0.0) return 0;
  return std::ilogb(magnitude) + 1 - bits;
}

namespace {

/// 2^exponent, -1022 <= exponent <= 1023; std::ldexp(1, exponent) without a call.
double power_of_two(int exponent) { return std::bit_cast<double>(static_cast<std::int64_t>(1023 + exponent) << 52); }

}  // namespace

at::Tensor Mantissas::tensor() const {
  if (const auto* const bytes = std::get_if<at::Tensor>(&numbers_)) return bytes->view(-1);
  return at::from_blob(const_cast<std::int32_t*>(std::get<Wide>(numbers_).data()), {size()}, at::kInt);
}

std::int32_t to_mantissa(double value, int exponent, int bits) {
  const double limit = static_cast<double>((std::int64_t{1} << bits) - 1);
  return static_cast<std::int32_t>(std::clamp(std::nearbyint(value * power_of_two(-exponent)), -limit, limit));
}

FixedPointMatrix to_fixed_point(const at::Tensor& weight, std::span<const double> column_gain, int bits) {
  FixedPointMatrix fixed{weight.size(0), weight.size(1), bits, {}, {}};
  std::vector<std::int32_t> mantissas(fixed.rows * fixed.columns);
  fixed.unit.resize(fixed.rows);
  const float* const source = weight.data_ptr<float>();
  const double limit = static_cast<double>((std::int64_t{1} << bits) - 1);
  at::parallel_for(0, fixed.rows, 64, [&](std::int64_t begin, std::int64_t end) {
    std::vector<double> row(fixed.columns);
    for (std::int64_t i = begin; i < end; ++i) {
      double largest = 0.0;
      for (std::int64_t j = 0; j < fixed.columns; ++j) {
        row[j] = static_cast<double>(source[i * fixed.columns + j]) * (column_gain.empty() ? 1.0 : column_gain[j]);
        largest = std::max(largest, std::abs(row[j]));
      }
      const int exponent = grid_exponent(largest, bits);
      fixed.unit[i] = power_of_two(exponent);
      const double steps = power_of_two(-exponent);
      for (std::int64_t j = 0; j < fixed.columns; ++j) {
        mantissas[i * fixed.columns + j] =
            static_cast<std::int32_t>(std::clamp(std::nearbyint(row[j] * steps), -limit, limit));
      }
    }
  });
  fixed.mantissa = std::move(mantissas);
  return fixed;
}

}  // namespace stac::snn
