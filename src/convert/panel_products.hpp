// f32 products in panels of rows, each made on one thread: how many threads there are does not show in any bit of them.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace stac::convert {

inline constexpr std::int64_t kSummedRows = 256;  ///< whose products are summed in f32; longer sums are f64's

/// x weight^T, f32.
[[nodiscard]] at::Tensor panel_product(const at::Tensor& x, const at::Tensor& weight);

/// sums += a b^T
/// @param sums  f64 [m, n]
/// @param a, b  f32 [m, k], [n, k]; k <= kSummedRows
void add_products(at::Tensor& sums, const at::Tensor& a, const at::Tensor& b);

/// sums += x^T x, the lower triangle of it and what stands beside: what Cholesky reads.
/// @param sums     f64 [n, n]
/// @param columns  x^T, f32 [n, k]; k <= kSummedRows
void add_gram(at::Tensor& sums, const at::Tensor& columns);

}  // namespace stac::convert
