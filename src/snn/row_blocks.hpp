// A stage of many rows as blocks of rows that threads take: what a block passes on from one product to the next stays
// in its thread's cache.
#pragma once
#include <algorithm>
#include <cstdint>
#include <mutex>

#include "snn/task_queue.hpp"
#include "stac/snn/engine.hpp"
#include "stac/snn/ledger.hpp"

namespace stac::snn {

/// Whether the engine computes row by row, so that threads may take rows, and sequences, in any order at once: the
/// fused engine does; who watches the temporal one is told one row after the other, by the thread that asked.
[[nodiscard]] bool takes_rows_at_once(const SpikingProjection& projection);

/// Rows of a block; all of them where blocks would not pay: few rows keep the threads busier within a product, and a
/// projection that is not the fused engine's may want all rows at once.
[[nodiscard]] std::int64_t rows_per_block(const SpikingProjection& projection, std::int64_t rows);

/// @param ledger  receives what the blocks count
/// @param stage   of a block's first row, its number of rows, and the ledger that it counts in
template <typename Stage>
void for_each_row_block(const SpikingProjection& projection, std::int64_t rows, Ledger& ledger, const Stage& stage) {
  const std::int64_t size = rows_per_block(projection, rows);
  if (size >= rows) return stage(0, rows, ledger);
  std::mutex ledger_mutex;
  for_each_task((rows + size - 1) / size, [&](std::int64_t block) {
    Ledger counts(ledger.layers());
    stage(block * size, std::min(size, rows - block * size), counts);
    const std::lock_guard lock(ledger_mutex);
    ledger += counts;
  });
}

}  // namespace stac::snn
