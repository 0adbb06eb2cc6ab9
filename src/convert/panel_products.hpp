// f32 products in tiles, each made on one thread: how many threads there are does not show in any bit of them. What is
// summed over more than kSummedRows is summed in f64.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace stac::convert {

inline constexpr std::int64_t kSummedRows = 256;  ///< whose products are summed in f32

/// f32 [rows, columns], not filled, whose rows do not all begin in the same few sets of a cache: products read it a
/// fifth faster than one whose rows are a power of two apart.
[[nodiscard]] at::Tensor spread_rows(std::int64_t rows, std::int64_t columns);

/// matrix^T, f32, with spread rows.
[[nodiscard]] at::Tensor spread_transpose(const at::Tensor& matrix);

/// x weight^T, f32.
/// @param x       f32 [rows, in], its rows dense
/// @param weight  f32 [out, in], its rows dense
[[nodiscard]] at::Tensor panel_product(const at::Tensor& x, const at::Tensor& weight);

/// sums += factor a b
/// @param sums  f64 [m, n], its rows dense
/// @param a, b  f32 [m, k], [k, n], their rows dense
void add_product(const at::Tensor& sums, float factor, const at::Tensor& a, const at::Tensor& b);

/// sums += factor a b^T
/// @param b  f32 [n, k], its rows dense
void add_product_transposed(const at::Tensor& sums, float factor, const at::Tensor& a, const at::Tensor& b);

/// sums += factor a a^T, the lower triangle of it and what stands beside: what Cholesky reads.
/// @param sums  f64 [n, n], its rows dense
/// @param a     f32 [n, k], its rows dense
void add_triangle(const at::Tensor& sums, float factor, const at::Tensor& a);

}  // namespace stac::convert
