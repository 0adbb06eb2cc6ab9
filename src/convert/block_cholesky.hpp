// The Cholesky factor of a symmetric positive definite matrix in blocks: what a block does to those behind it is
// multiplied in f32 and summed in f64, as the moments that such systems are made of were themselves. So its error is of
// the size of theirs, it takes the f32 product's time, and no bit depends on the number of threads (blocked
// right-looking factorization: Golub and Van Loan, Matrix Computations, 4th edition, section 4.2.6).
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

namespace stac::convert {

class BlockCholesky {
 public:
  /// @param system  f64 [n, n], its rows dense, of which the lower triangle and the blocks of kSummedRows on the
  ///                diagonal are read; the call leaves nothing of it
  /// @return        nothing where it is not positive definite
  [[nodiscard]] static std::optional<BlockCholesky> factored(const at::Tensor& system);

  /// f64 [m, n]: each row r of `rows` as system^-1 r.
  /// @param rows  f64 [m, n]
  [[nodiscard]] at::Tensor solve(const at::Tensor& rows) const;

 private:
  at::Tensor below_;                  ///< f32 [n, n]: the factor, without its diagonal's blocks
  std::vector<at::Tensor> inverses_;  ///< of its diagonal's blocks, f64 [b, b]
};

}  // namespace stac::convert
