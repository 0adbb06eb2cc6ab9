#include "convert/block_cholesky.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <array>

#include "convert/panel_products.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::convert {
namespace {

/// Moments of rows whose channels differ in size, with a ridge; f64 [n, n].
at::Tensor moments(std::int64_t n, double ridge) {
  torch::manual_seed(n);
  const at::Tensor rows = at::randn({2 * n, n}, at::kDouble) * at::exp(at::randn({n}, at::kDouble));
  const at::Tensor sums = rows.t().matmul(rows) / static_cast<double>(2 * n);
  return sums + ridge * sums.diagonal().mean() * at::eye(n, at::kDouble);
}

double relative_error(const at::Tensor& got, const at::Tensor& wanted) {
  return ((got - wanted).norm() / wanted.norm()).item<double>();
}

class BlockCholeskyAt : public testing::TestWithParam<std::int64_t> {};

TEST_P(BlockCholeskyAt, SolvesAsLibTorchDoesInDoublePrecision) {
  const std::int64_t n = GetParam();
  const at::Tensor system = moments(n, 1e-3), rows = at::randn({37, n}, at::kDouble);
  const at::Tensor wanted = at::linalg_solve(system, rows.t()).t();
  const auto factor = BlockCholesky::factored(system.clone());
  ASSERT_TRUE(factor.has_value());
  EXPECT_LT(relative_error(factor->solve(rows), wanted), 1e-4);
  EXPECT_LT(relative_error(factor->solve(rows).matmul(system), rows), 1e-5);
}

// Below a block, one, a tile more, and several with a rest.
INSTANTIATE_TEST_SUITE_P(Sizes, BlockCholeskyAt, testing::Values(1, 12, 256, 300, 700));

TEST(BlockCholesky, ReadsTheLowerTriangleOnly) {
  const at::Tensor system = moments(300, 1e-2), rows = at::randn({3, 300}, at::kDouble);
  const at::Tensor lower = system.tril() + at::full_like(system, 1e9).triu(256);
  const at::Tensor expected = BlockCholesky::factored(system.clone())->solve(rows);
  EXPECT_LT(relative_error(BlockCholesky::factored(lower)->solve(rows), expected), 1e-12);
}

TEST(BlockCholesky, RefusesWhatIsNotPositiveDefinite) {
  EXPECT_FALSE(BlockCholesky::factored(at::zeros({8, 8}, at::kDouble)).has_value());
  at::Tensor system = moments(400, 1e-2);
  system[390][390] = -1.0;
  EXPECT_FALSE(BlockCholesky::factored(system).has_value());
}

TEST(BlockCholesky, IsTheSameOnOneThreadAndOnTwo) {
  const at::Tensor system = moments(520, 1e-2), rows = at::randn({200, 520}, at::kDouble);
  const auto solved = [&](int threads) {
    const model::ThreadLimit limit(threads);
    return BlockCholesky::factored(system.clone())->solve(rows);
  };
  EXPECT_TRUE(at::equal(solved(1), solved(2)));
}

TEST(PanelProducts, AreThoseOfDoublePrecisionWhateverTheirSizes) {
  torch::manual_seed(1);
  for (const auto& [m, n, k] : {std::array{1L, 1L, 1L}, {128L, 256L, 256L}, {130L, 300L, 700L}, {257L, 5L, 257L}}) {
    const at::Tensor a = at::randn({m, k}), b = at::randn({n, k}), start = at::randn({m, n}, at::kDouble);
    const at::Tensor product = a.to(at::kDouble).matmul(b.to(at::kDouble).t());
    at::Tensor sums = start.clone();
    add_product_transposed(sums, -2.F, a, b);
    EXPECT_LT(relative_error(sums, start - 2.0 * product), 1e-6);
    sums = start.clone();
    add_product(sums, -2.F, a, spread_transpose(b));
    EXPECT_LT(relative_error(sums, start - 2.0 * product), 1e-6);
    EXPECT_LT(relative_error(panel_product(a, b).to(at::kDouble), product), 1e-6);
    at::Tensor triangle = at::zeros({m, m}, at::kDouble);
    add_triangle(triangle, 1.F, a);
    EXPECT_LT(relative_error(triangle.tril(), a.to(at::kDouble).matmul(a.to(at::kDouble).t()).tril()), 1e-6);
  }
}

}  // namespace
}  // namespace stac::convert
