// Texts as the tensors that a processor reads.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "runtime/small_networks.hpp"

namespace stac::testing {

inline std::int64_t size_of(const Ids& ids) { return static_cast<std::int64_t>(ids.size()); }

/// int64 [rows, columns], of rows that are equally long.
inline at::Tensor matrix(const std::vector<Ids>& rows) {
  at::Tensor result = at::empty({static_cast<std::int64_t>(rows.size()), size_of(rows.at(0))}, at::kLong);
  std::int64_t* next = result.data_ptr<std::int64_t>();
  for (const Ids& ids : rows) next = std::copy(ids.begin(), ids.end(), next);
  return result;
}

inline at::Tensor row(const Ids& ids) { return matrix({ids}); }

struct Batch {
  at::Tensor ids, mask;
};

/// Rows of different lengths, padded on the left with nonsense, to one place at least.
inline Batch padded(const std::vector<Ids>& rows) {
  std::int64_t places = 1;
  for (const Ids& ids : rows) places = std::max(places, size_of(ids));
  Batch batch{at::full({static_cast<std::int64_t>(rows.size()), places}, -7, at::kLong), {}};
  batch.mask = at::zeros_like(batch.ids);
  for (std::size_t b = 0; b < rows.size(); ++b) {
    const std::int64_t count = size_of(rows[b]);
    if (count == 0) continue;
    const auto index = static_cast<std::int64_t>(b);
    batch.ids[index].narrow(0, places - count, count).copy_(row(rows[b])[0]);
    batch.mask[index].narrow(0, places - count, count).fill_(1);
  }
  return batch;
}

}  // namespace stac::testing
