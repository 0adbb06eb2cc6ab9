#include "stac/model/matmul.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <thread>

#include "stac/model/matmul_benchmark.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::model {
namespace {

/// The product in f64, by LibTorch.
at::Tensor reference(const at::Tensor& a, const at::Tensor& b) {
  return at::matmul(a.to(at::kDouble), b.to(at::kDouble));
}

void expect_close(const at::Tensor& ours, const at::Tensor& wanted) {
  ASSERT_EQ(ours.sizes(), wanted.sizes());
  EXPECT_LT((ours.to(at::kDouble) - wanted).abs().max().item<double>(), 1e-4);
}

TEST(Matmul, EqualsTheProductInDoublePrecision) {
  at::manual_seed(1);
  for (const std::int64_t rows : {1, 2, 7, 64}) {
    for (const auto& [in, out] :
         std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 1}, {3, 5}, {64, 192}, {200, 31}}) {
      const at::Tensor x = at::randn({rows, in}), weight = at::randn({out, in}), bias = at::randn({out});
      expect_close(matmul(x, weight, {}), reference(x, weight.t()));
      expect_close(matmul(x, weight, bias), reference(x, weight.t()) + bias.to(at::kDouble));
    }
  }
}

TEST(Matmul, TakesAnyLeadingShapeAndAnyStrides) {
  const at::Tensor x = at::randn({5, 3, 2}).permute({1, 2, 0});
  const at::Tensor weight = at::randn({5, 4}).t();
  expect_close(matmul(x, weight, {}), reference(x, weight.t()));
  expect_close(matmul(x[0][0], weight, {}), reference(x[0][0], weight.t()));
}

TEST(Matmul, BatchedProductsReadCacheSlicesAndExpandedHeads) {
  const at::Tensor cache = at::randn({2, 3, 50, 8});
  const at::Tensor keys = cache.narrow(2, 0, 9).unsqueeze(2).expand({2, 3, 4, 9, 8});
  const at::Tensor queries = at::randn({2, 5, 12, 8}).transpose(1, 2).unflatten(1, {3, 4});
  const at::Tensor scores = batched_matmul_transposed(queries, keys, 0.5);
  expect_close(scores, 0.5 * reference(queries, keys.transpose(-1, -2)));
  expect_close(batched_matmul(scores, keys), reference(scores, keys));
}

TEST(Matmul, NothingTimesAnythingIsEmptyOrZero) {
  EXPECT_EQ(matmul(at::zeros({0, 3}), at::zeros({2, 3}), {}).sizes(), (std::vector<std::int64_t>{0, 2}));
  EXPECT_EQ(batched_matmul(at::ones({1, 2, 0}), at::ones({1, 0, 3})).abs().sum().item<float>(), 0.F);
}

TEST(Matmul, RefusesShapesAndTypesThatDoNotFit) {
  EXPECT_THROW(static_cast<void>(matmul(at::ones({2, 3}), at::ones({2, 4}), {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(matmul(at::ones({2, 3}), at::ones({4, 3}), at::ones({3}))), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(matmul(at::ones({2, 3}, at::kDouble), at::ones({4, 3}), {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(batched_matmul(at::ones({2, 2, 3}), at::ones({1, 3, 3}))), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(batched_matmul_transposed(at::ones({1, 2, 3}), at::ones({1, 2, 4}), 1)),
               std::invalid_argument);
}

std::ptrdiff_t threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

/// OpenMP threads that a new thread of two wakes by one product of 1 x k by k x n.
std::ptrdiff_t threads_woken(std::int64_t n, std::int64_t k) {
  std::ptrdiff_t woken = 0;
  std::thread([&] {
    const at::Tensor x = at::ones({1, k}), weight = at::ones({n, k});
    const ThreadLimit two(2);
    const std::ptrdiff_t before = threads_of_this_process();
    static_cast<void>(matmul(x, weight, {}));
    woken = threads_of_this_process() - before;
  }).join();
  return woken;
}

TEST(Matmul, ProductsOfASmallModelStayOnTheirThread) {
  EXPECT_EQ(threads_woken(192, 768), 0);
  EXPECT_EQ(threads_woken(2048, 2048), 1);
}

TEST(Matmul, TheBenchmarkMeasuresSomething) { EXPECT_GT(measure_matmul_gflops(), 0.1); }

}  // namespace
}  // namespace stac::model
