// oneDNN's single-precision product. Some LibTorch packages bring oneDNN headers newer than the library linked here, so
// its translation unit keeps to the C functions that versions 2 and 3 declare alike.
#pragma once
#include <cstdint>
#include <string>

namespace stac::model {

/// A row-major matrix: element (i, j) at data[i * stride + j].
struct ConstMatrix {
  const float* data;
  std::int64_t stride;
};

struct Matrix {
  float* data;
  std::int64_t stride;
};

struct ProductSize {
  std::int64_t m, n, k;
};

/// c [m, n] = alpha a [m, k] b + beta c, with b [k, n]. On the caller's thread alone where there is no work for two.
/// @throws std::runtime_error  oneDNN reports a failure
void sgemm(const ProductSize& size, float alpha, ConstMatrix a, ConstMatrix b, float beta, Matrix c);

/// The same with b [n, k], transposed.
void sgemm_transposed(const ProductSize& size, float alpha, ConstMatrix a, ConstMatrix b, float beta, Matrix c);

/// "2.6.3": the oneDNN that is linked at run time.
std::string onednn_version();

}  // namespace stac::model
