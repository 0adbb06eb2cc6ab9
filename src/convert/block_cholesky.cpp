#include "convert/block_cholesky.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "convert/panel_products.hpp"
#include "snn/task_queue.hpp"

namespace stac::convert {
namespace {

at::Tensor square(const at::Tensor& matrix, std::int64_t first, std::int64_t width) {
  return matrix.narrow(0, first, width).narrow(1, first, width);
}

/// to = rows matrix^T in f64, some rows on a thread.
void multiply_rows(const at::Tensor& to, const at::Tensor& rows, const at::Tensor& matrix) {
  constexpr std::int64_t together = 128;
  const std::int64_t all = rows.size(0);
  snn::for_each_task((all + together - 1) / together, [&](std::int64_t task) {
    const std::int64_t first = task * together, count = std::min(together, all - first);
    to.narrow(0, first, count).copy_(rows.narrow(0, first, count).matmul(matrix.t()));
  });
}

}  // namespace

std::optional<BlockCholesky> BlockCholesky::factored(const at::Tensor& system) {
  const std::int64_t n = system.size(0);
  BlockCholesky result;
  result.below_ = spread_rows(n, n);
  for (std::int64_t first = 0; first < n; first += kSummedRows) {
    const std::int64_t width = std::min(kSummedRows, n - first), end = first + width, rest = n - end;
    const auto [factor, failed] = at::linalg_cholesky_ex(square(system, first, width));
    if (failed.item<int>() != 0) return std::nullopt;
    result.inverses_.push_back(at::linalg_solve_triangular(factor, at::eye(width, at::kDouble), /*upper=*/false));
    const at::Tensor below = result.below_.narrow(0, end, rest).narrow(1, first, width);
    multiply_rows(below, system.narrow(0, end, rest).narrow(1, first, width), result.inverses_.back());
    add_triangle(square(system, end, rest), -1.F, below);
  }
  return result;
}

at::Tensor BlockCholesky::solve(const at::Tensor& rows) const {
  const std::int64_t n = below_.size(0);
  at::Tensor x = rows.clone(at::MemoryFormat::Contiguous);
  for (std::size_t k = 0; k < inverses_.size(); ++k) {
    const std::int64_t first = static_cast<std::int64_t>(k) * kSummedRows, width = inverses_[k].size(0);
    const std::int64_t end = first + width, rest = n - end;
    const at::Tensor block = x.narrow(1, first, width);
    multiply_rows(block, block, inverses_[k]);
    add_product_transposed(x.narrow(1, end, rest), -1.F, block.to(at::kFloat).contiguous(),
                           below_.narrow(0, end, rest).narrow(1, first, width));
  }
  for (std::size_t k = inverses_.size(); k-- > 0;) {
    const std::int64_t first = static_cast<std::int64_t>(k) * kSummedRows, width = inverses_[k].size(0);
    const at::Tensor block = x.narrow(1, first, width);
    multiply_rows(block, block, inverses_[k].t());
    add_product(x.narrow(1, 0, first), -1.F, block.to(at::kFloat).contiguous(),
                below_.narrow(0, first, width).narrow(1, 0, first));
  }
  return x;
}

}  // namespace stac::convert
