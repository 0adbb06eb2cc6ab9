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
/// @param most  threads; beyond pool_threads() it counts as that many
/// @throws      what `work` threw first
void run_together(std::int64_t most, void (*work)(void* context), void* context);

/// How many threads a piece of work of this thread's may have: LibTorch's number, but for a LoopsOnCaller.
int pool_threads();

/// For the length of a scope: LibTorch's loops stay on this thread, and the pool keeps the threads that it had. Where
/// both take turns, LibTorch's threads would spin for milliseconds after each loop on the cores that the pool needs.
class LoopsOnCaller {
 public:
  LoopsOnCaller();
  ~LoopsOnCaller();
  LoopsOnCaller(const LoopsOnCaller&) = delete;
  LoopsOnCaller& operator=(const LoopsOnCaller&) = delete;

 private:
  int loops_before_, pool_before_;
};

}  // namespace stac::snn
