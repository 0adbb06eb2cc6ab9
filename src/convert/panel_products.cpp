#include "convert/panel_products.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <optional>

#include "stac/model/matmul.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::convert {
namespace {

constexpr std::int64_t kPanel = 128;  // rows of a product that one thread makes
constexpr std::int64_t kTile = 512;   // columns that are summed while they are still in cache

template <typename Function>
void for_each_panel(std::int64_t rows, const Function& function) {
  const std::int64_t panels = (rows + kPanel - 1) / kPanel;
  std::optional<model::ThreadLimit> alone;
  if (panels == 1) alone.emplace(1);  // else oneDNN would split it
  at::parallel_for(0, panels, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t p = begin; p < end; ++p) function(p * kPanel, std::min(kPanel, rows - p * kPanel));
  });
}

/// sums[i][j] += a_i . b_j for j < columns(end of i's panel).
template <typename Columns>
void add_products(at::Tensor& sums, const at::Tensor& a, const at::Tensor& b, const Columns& columns) {
  for_each_panel(a.size(0), [&](std::int64_t first, std::int64_t rows) {
    const std::int64_t end = columns(first + rows);
    for (std::int64_t left = 0; left < end; left += kTile) {
      const std::int64_t width = std::min(kTile, end - left);
      const at::Tensor part = model::matmul(a.narrow(0, first, rows), b.narrow(0, left, width), {});
      for (std::int64_t i = 0; i < rows; ++i) {
        const float* const from = part.data_ptr<float>() + i * width;
        double* const to = sums.data_ptr<double>() + (first + i) * b.size(0) + left;
        for (std::int64_t j = 0; j < width; ++j) to[j] += static_cast<double>(from[j]);
      }
    }
  });
}

}  // namespace

at::Tensor panel_product(const at::Tensor& x, const at::Tensor& weight) {
  at::Tensor result = at::empty({x.size(0), weight.size(0)});
  for_each_panel(x.size(0), [&](std::int64_t first, std::int64_t rows) {
    result.narrow(0, first, rows).copy_(model::matmul(x.narrow(0, first, rows), weight, {}));
  });
  return result;
}

void add_products(at::Tensor& sums, const at::Tensor& a, const at::Tensor& b) {
  add_products(sums, a, b, [&](std::int64_t) { return b.size(0); });
}

void add_gram(at::Tensor& sums, const at::Tensor& columns) {
  add_products(sums, columns, columns, [](std::int64_t end) { return end; });
}

}  // namespace stac::convert
