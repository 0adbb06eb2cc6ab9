// The keys and values of one head as the fused engine keeps them: whole numbers, laid out as panels for the integer
// product (integer_product.hpp).
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "snn/integer_product.hpp"
#include "stac/snn/engine.hpp"

namespace stac::snn {

/// Panels that a caller lends room to where they are not kept as the product reads them.
using PanelRoom = std::vector<std::int16_t>;

/// Tokens may be written in any order below the capacity, by one writer at a time; what was never written, or was
/// forgotten, is any number.
class HeadCache {
 public:
  virtual ~HeadCache() = default;

  /// @param capacity  tokens, a multiple of kCacheBlock; not below what it is
  virtual void grow(std::int64_t capacity) = 0;

  /// @param mantissas  [head_dim], as rounded by the shape's grid
  virtual void store_key(std::int64_t token, const std::int32_t* mantissas) = 0;
  virtual void store_value(std::int64_t token, const std::int32_t* mantissas) = 0;
  /// What is kept of a key. @param mantissas  [head_dim], written
  virtual void load_key(std::int64_t token, std::int32_t* mantissas) const = 0;
  /// To another token's place, as it is kept.
  virtual void move_key(std::int64_t from, std::int64_t to) = 0;
  virtual void move_value(std::int64_t from, std::int64_t to) = 0;

  /// Keys of kPanelOutputs tokens from `token` on, which is a multiple of as many: inputs are the head's channels.
  /// @return  valid as long as `room` is not used again
  [[nodiscard]] virtual const std::int16_t* key_panel(std::int64_t token, PanelRoom& room) const = 0;
  /// Values of kPanelOutputs channels from `channel` on: inputs are `tokens` tokens from `first` on, which is even.
  [[nodiscard]] virtual const std::int16_t* value_panel(std::int64_t channel, std::int64_t first, std::int64_t tokens,
                                                        PanelRoom& room) const = 0;

  /// Bytes of a cache with room for this many tokens.
  [[nodiscard]] virtual std::uint64_t bytes(std::int64_t capacity) const = 0;
};

/// Of two slices, of one where a number takes two bytes, or of bytes that are widened as they are read.
[[nodiscard]] std::unique_ptr<HeadCache> new_head_cache(const AttentionShape& shape);

/// How its panels are made up.
[[nodiscard]] Slices panel_slices(const AttentionShape& shape);

}  // namespace stac::snn
