#include "stac/model/kv_cache.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

namespace stac::model {
namespace {

constexpr std::int64_t kFirstCapacity = 64;
constexpr int kPositions = 2;  ///< the axis of positions

bool fits(const at::Tensor& buffer, const at::Tensor& fresh) {
  return buffer.size(0) == fresh.size(0) && buffer.size(1) == fresh.size(1) && buffer.size(3) == fresh.size(3);
}

/// A buffer for `needed` positions that begins with the `kept` ones of the old buffer.
at::Tensor grown(const at::Tensor& old, const at::Tensor& fresh, std::int64_t kept, std::int64_t needed) {
  const std::int64_t twice = old.defined() ? 2 * old.size(kPositions) : kFirstCapacity;
  at::Tensor buffer =
      at::empty({fresh.size(0), fresh.size(1), std::max(needed, twice), fresh.size(3)}, fresh.options());
  if (kept > 0) buffer.narrow(kPositions, 0, kept).copy_(old.narrow(kPositions, 0, kept));
  return buffer;
}

void store(at::Tensor& buffer, const at::Tensor& fresh, std::int64_t length) {
  if (buffer.defined() && !fits(buffer, fresh)) {
    if (length > 0) throw std::invalid_argument("KvCache: another batch or head shape than the cache began with");
    buffer.reset();
  }
  const std::int64_t count = fresh.size(kPositions);
  if (!buffer.defined() || buffer.size(kPositions) < length + count) {
    buffer = grown(buffer, fresh, length, length + count);
  }
  buffer.narrow(kPositions, length, count).copy_(fresh);
}

}  // namespace

KvCache::KvCache(std::int64_t layers) : layers_(static_cast<std::size_t>(layers)) {}

KvCache::KeysValues KvCache::extend(std::int64_t layer, const at::Tensor& keys, const at::Tensor& values) {
  Layer& entry = layers_.at(static_cast<std::size_t>(layer));
  store(entry.keys, keys, length_);
  store(entry.values, values, length_);
  const std::int64_t total = length_ + keys.size(kPositions);
  return {entry.keys.narrow(kPositions, 0, total), entry.values.narrow(kPositions, 0, total)};
}

void KvCache::commit(std::int64_t positions) { length_ += positions; }

void KvCache::truncate(std::int64_t length) { length_ = std::clamp<std::int64_t>(length, 0, length_); }

}  // namespace stac::model
