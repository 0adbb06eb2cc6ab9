#include "stac/model/matmul_benchmark.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "stac/model/matmul.hpp"

namespace stac::model {

double measure_matmul_gflops() {
  using Clock = std::chrono::steady_clock;
  constexpr std::int64_t rows = 512, in = 768, out = 3072;
  constexpr double operations = 2.0 * rows * in * out;
  constexpr int least_repetitions = 5;
  const at::Tensor x = at::ones({rows, in});
  const at::Tensor weight = at::full({out, in}, 0.5F);
  double best = std::numeric_limits<double>::infinity();
  const auto deadline = Clock::now() + std::chrono::milliseconds(500);
  for (int repetition = 0; repetition < least_repetitions || Clock::now() < deadline; ++repetition) {
    const auto begin = Clock::now();
    static_cast<void>(matmul(x, weight, {}));
    best = std::min(best, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return operations / best * 1e-9;
}

}  // namespace stac::model
