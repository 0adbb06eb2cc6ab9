// Logits bit for bit, and token ids as tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace stac::eval {

/// Bits, not values: 0 and -0 differ, a NaN equals itself. All of them where shapes differ.
[[nodiscard]] std::int64_t differing_values(const at::Tensor& a, const at::Tensor& b);

[[nodiscard]] inline bool same_bits(const at::Tensor& a, const at::Tensor& b) { return differing_values(a, b) == 0; }

/// int64 [1, ids]
[[nodiscard]] at::Tensor one_row(std::span<const std::int64_t> ids);

/// Rows of different lengths as a batch, padded on the left.
struct PaddedBatch {
  at::Tensor ids;   ///< int64 [rows, longest]
  at::Tensor mask;  ///< int64, 0 at padding
};

/// @param filler  the id that stands at padding
/// @param width   of the batch, at least the longest row's
[[nodiscard]] PaddedBatch padded_batch(const std::vector<std::vector<std::int64_t>>& rows, std::int64_t width,
                                       std::int64_t filler);

}  // namespace stac::eval
