#include "snn/row_blocks.hpp"

#include <algorithm>

#include "snn/byte_product.hpp"
#include "snn/fused_projection.hpp"
#include "snn/thread_pool.hpp"

namespace stac::snn {

namespace {

// Their codes and membranes stay in a second-level cache of a megabyte, and they pay for reading all weights.
constexpr std::int64_t kMostRows = 48, kLeastRows = 16;

std::int64_t divided_up(std::int64_t n, std::int64_t divisor) { return (n + divisor - 1) / divisor; }

}  // namespace

bool takes_rows_at_once(const SpikingProjection& projection) {
  return dynamic_cast<const FusedProjection*>(&projection) != nullptr;
}

std::int64_t rows_per_block(const SpikingProjection& projection, std::int64_t rows) {
  const std::int64_t threads = pool_threads();
  if (!takes_rows_at_once(projection) || rows < threads * kLeastRows) return rows;
  const std::int64_t blocks = divided_up(divided_up(rows, kMostRows), threads) * threads;  // the same for every thread
  return divided_up(divided_up(rows, blocks), kByteRows) * kByteRows;
}

}  // namespace stac::snn
