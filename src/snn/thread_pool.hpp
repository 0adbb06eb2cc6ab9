// The threads of the fused engine. They stay, look out for work for some microseconds after the last, and then sleep:
// a token takes a hundred short pieces of work, whose start and end must not cost more than they do.
#pragma once
#include <cstdint>

namespace stac::snn {

/// Runs `work` on the caller and on threads of the process's pool, `most` at once at most; returns when all that began
/// it are through. A thread that comes after the caller is through does not begin, so nobody waits for a thread that
/// the machine has no core for: `work` has to take its share from a common counter until nothing is left.
///
/// On the caller alone where the pool is taken (within other work, or by another thread of the process) and within
/// parallel loops of LibTorch, whose threads fill the machine already. Safe after a fork: the child gets a pool of its
/// own.
/// @param most  threads; beyond at::get_num_threads() it counts as that many
/// @throws      what `work` threw first
void run_together(std::int64_t most, void (*work)(void* context), void* context);

}  // namespace stac::snn
