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

std::int64_t rows_per_block(const SpikingProjection& projection, std::int64_t rows) {
  const std::int64_t threads = pool_threads();
  const bool row_by_row = dynamic_cast<const FusedProjection*>(&projection) != nullptr;
  if (!row_by_row || rows < threads * kLeastRows) return rows;
  const std::int64_t blocks = divided_up(divided_up(rows, kMostRows), threads) * threads;  // the same for every thread
  return divided_up(divided_up(rows, blocks), kByteRows) * kByteRows;
}

}  // namespace stac::snn
