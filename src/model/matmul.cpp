#include "stac/model/matmul.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <sstream>
#include <stdexcept>

#include "model/sgemm.hpp"
#include "model/work_threads.hpp"

namespace stac::model {
namespace {

void require(bool holds, const char* product, const at::Tensor& a, const at::Tensor& b) {
  if (holds) return;
  std::ostringstream message;
  message << product << ": operands " << a.sizes() << " " << a.dtype() << " and " << b.sizes() << " " << b.dtype()
          << " do not fit";
  throw std::invalid_argument(message.str());
}

bool both_f32(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == at::kFloat && b.scalar_type() == at::kFloat && a.device().is_cpu() && b.device().is_cpu();
}

/// The tensor itself where each of its matrices is row-major with dense rows, else a contiguous copy.
at::Tensor with_dense_rows(const at::Tensor& tensor) {
  const bool dense = tensor.stride(-1) == 1 && tensor.stride(-2) >= tensor.size(-1);
  return dense ? tensor : tensor.contiguous();
}

/// One leading index after another: where its matrix begins, for any strides over the leading axes.
std::int64_t matrix_offset(const at::Tensor& tensor, std::int64_t index) {
  std::int64_t offset = 0;
  for (std::int64_t axis = tensor.dim() - 3; axis >= 0; --axis) {
    offset += (index % tensor.size(axis)) * tensor.stride(axis);
    index /= tensor.size(axis);
  }
  return offset;
}

ConstMatrix matrix(const at::Tensor& tensor, std::int64_t index) {
  return {tensor.data_ptr<float>() + matrix_offset(tensor, index), tensor.stride(-2)};
}

using Product = void (*)(const ProductSize&, float, ConstMatrix, ConstMatrix, float, Matrix);

/// One product per leading index. Many small products run side by side, one thread each (inside a parallel region
/// oneDNN stays on its thread); a single one is oneDNN's to split.
at::Tensor for_each_matrix(Product product, const at::Tensor& a, const at::Tensor& b, const ProductSize& size,
                           float alpha) {
  std::vector<std::int64_t> shape = a.sizes().vec();
  shape.back() = size.n;
  at::Tensor result = at::empty(shape, a.options());
  if (result.numel() == 0) return result;
  if (size.k == 0) return result.zero_();
  float* out = result.data_ptr<float>();
  const std::int64_t count = result.numel() / (size.m * size.n);
  const auto run = [&](std::int64_t index) {
    product(size, alpha, matrix(a, index), matrix(b, index), 0.F, {out + index * size.m * size.n, size.n});
  };
  if (count == 1) {
    run(0);
    return result;
  }
  const std::int64_t grain = std::max<std::int64_t>(1, kWorthAThread / (size.m * size.n * size.k));
  at::parallel_for(0, count, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t index = begin; index < end; ++index) run(index);
  });
  return result;
}

bool same_leading_sizes(const at::Tensor& a, const at::Tensor& b) {
  return a.dim() == b.dim() && a.dim() >= 2 && a.sizes().slice(0, a.dim() - 2) == b.sizes().slice(0, b.dim() - 2);
}

}  // namespace

at::Tensor matmul(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  require(both_f32(x, weight) && x.dim() >= 1 && weight.dim() == 2 && x.size(-1) == weight.size(1), "matmul", x,
          weight);
  require(!bias.defined() || (both_f32(bias, weight) && bias.dim() == 1 && bias.size(0) == weight.size(0)),
          "matmul's bias", bias.defined() ? bias : x, weight);
  const at::Tensor rows = x.contiguous();
  const at::Tensor columns = with_dense_rows(weight);
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape.back() = weight.size(0);
  at::Tensor y = at::empty(shape, x.options());
  if (y.numel() == 0) return y;
  if (bias.defined()) y.copy_(bias.expand_as(y));
  const ProductSize size{x.numel() / x.size(-1), weight.size(0), weight.size(1)};
  sgemm_transposed(size, 1.F, {rows.data_ptr<float>(), size.k}, {columns.data_ptr<float>(), columns.stride(0)},
                   bias.defined() ? 1.F : 0.F, {y.data_ptr<float>(), size.n});
  return y;
}

at::Tensor batched_matmul_transposed(const at::Tensor& a, const at::Tensor& b, double factor) {
  require(both_f32(a, b) && same_leading_sizes(a, b) && a.size(-1) == b.size(-1), "batched_matmul_transposed", a, b);
  return for_each_matrix(sgemm_transposed, with_dense_rows(a), with_dense_rows(b), {a.size(-2), b.size(-2), a.size(-1)},
                         static_cast<float>(factor));
}

at::Tensor batched_matmul(const at::Tensor& a, const at::Tensor& b) {
  require(both_f32(a, b) && same_leading_sizes(a, b) && a.size(-1) == b.size(-2), "batched_matmul", a, b);
  return for_each_matrix(sgemm, with_dense_rows(a), with_dense_rows(b), {a.size(-2), b.size(-1), a.size(-1)}, 1.F);
}

}  // namespace stac::model
