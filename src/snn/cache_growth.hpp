// How much room a growing cache of keys and values takes.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace stac::snn {

inline constexpr std::int64_t kCacheBlock = 64;  // tokens

/// Room for at least `needed` tokens: what there is, or at least half as much again, in whole blocks.
[[nodiscard]] inline std::int64_t grown_capacity(std::int64_t capacity, std::int64_t needed) {
  if (needed <= capacity) return capacity;
  return (std::max(needed, capacity + capacity / 2) + kCacheBlock - 1) / kCacheBlock * kCacheBlock;
}

/// The vector with exactly this many elements and no room beyond them.
template <typename Element>
void grow_exactly(std::vector<Element>& elements, std::int64_t count) {
  elements.reserve(static_cast<std::size_t>(count));
  elements.resize(static_cast<std::size_t>(count));
}

}  // namespace stac::snn
