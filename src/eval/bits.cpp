#include "bits.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cstring>

namespace stac::eval {

std::int64_t differing_values(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return a.numel();
  const at::Tensor x = a.contiguous(), y = b.contiguous();
  std::int64_t differing = 0;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    differing += std::memcmp(x.data_ptr<float>() + i, y.data_ptr<float>() + i, sizeof(float)) != 0;
  }
  return differing;
}

at::Tensor one_row(std::span<const std::int64_t> ids) {
  at::Tensor row = at::empty({1, static_cast<std::int64_t>(ids.size())}, at::kLong);
  std::copy(ids.begin(), ids.end(), row.data_ptr<std::int64_t>());
  return row;
}

PaddedBatch padded_batch(const std::vector<std::vector<std::int64_t>>& rows, std::int64_t width, std::int64_t filler) {
  PaddedBatch batch;
  batch.ids = at::full({static_cast<std::int64_t>(rows.size()), width}, filler, at::kLong);
  batch.mask = at::zeros_like(batch.ids);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::int64_t end = static_cast<std::int64_t>(r + 1) * width;
    const auto count = static_cast<std::int64_t>(rows[r].size());
    std::copy(rows[r].begin(), rows[r].end(), batch.ids.data_ptr<std::int64_t>() + end - count);
    std::fill_n(batch.mask.data_ptr<std::int64_t>() + end - count, count, 1);
  }
  return batch;
}

}  // namespace stac::eval
