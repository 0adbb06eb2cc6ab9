// The dense f32 products. Every product of the dense model passes here, and "against dense" figures use the same calls.
//
// oneDNN picks its kernel for the machine by itself; the BLAS that LibTorch was built with may not (Debian's
// OpenBLAS 0.3.21 takes recent Xeons for a Prescott). Only oneDNN's BLAS-like entry point is used: it keeps no
// primitives that would have to be cached per shape, and its signature is the same in oneDNN 2 and 3. It runs on the
// OpenMP threads that LibTorch uses too: torch::set_num_threads governs both. No gradients.
#pragma once
#include <ATen/core/Tensor.h>

namespace stac::model {

/// y = x weight^T + bias.
/// @param x       [.., in], f32
/// @param weight  [out, in], f32
/// @param bias    [out], f32, or undefined ({}): always said, as at::matmul is the product of two
/// @return [.., out], f32, contiguous
/// @throws std::invalid_argument  shapes that do not fit, a dtype other than f32
[[nodiscard]] at::Tensor matmul(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// factor * a b^T for each leading index: attention's scores.
/// @param a  [.., m, k], f32
/// @param b  [.., n, k], f32, the same leading sizes; any strides over them, as a slice of a cache or an expanded head
/// has
/// @return [.., m, n], f32, contiguous
/// @throws std::invalid_argument  as matmul
[[nodiscard]] at::Tensor batched_matmul_transposed(const at::Tensor& a, const at::Tensor& b, double factor);

/// a b for each leading index: attention's weighted sum of values.
/// @param a  [.., m, k], f32
/// @param b  [.., k, n], f32, the same leading sizes; any strides over them
/// @return [.., m, n], f32, contiguous
/// @throws std::invalid_argument  as matmul
[[nodiscard]] at::Tensor batched_matmul(const at::Tensor& a, const at::Tensor& b);

}  // namespace stac::model
