// Keys and values that a batch of sequences has already computed.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace stac::model {

/// Grows by doubling, so that reading n tokens copies O(n). New positions count only after commit(): a forward pass
/// that throws half-way leaves the cache as it was.
class KvCache {
 public:
  explicit KvCache(std::int64_t layers);

  struct KeysValues {
    at::Tensor keys;    ///< [batch, kv_heads, length + new, head_dim], a view
    at::Tensor values;  ///< the same
  };

  /// Writes one layer's new keys and values behind the committed ones, and returns all of them.
  /// @param keys    [batch, kv_heads, new, head_dim], f32
  /// @param values  the same
  /// @throws std::invalid_argument  another batch, head count or width than the cache began with
  KeysValues extend(std::int64_t layer, const at::Tensor& keys, const at::Tensor& values);

  /// Makes the positions that every layer was just extended by part of the cache.
  void commit(std::int64_t positions);

  [[nodiscard]] std::int64_t length() const { return length_; }

  /// Forgets everything from `length` on; 0 allows another batch size.
  void truncate(std::int64_t length);

 private:
  struct Layer {
    at::Tensor keys, values;  ///< [batch, kv_heads, capacity, head_dim]
  };
  std::vector<Layer> layers_;
  std::int64_t length_ = 0;
};

}  // namespace stac::model
