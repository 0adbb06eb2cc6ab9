// Independent tasks on LibTorch's threads, each thread taking the next one when it is done with its last: cores need
// not be equally fast.
#pragma once
#include <ATen/Parallel.h>

#include <atomic>
#include <cstdint>

namespace stac::snn {

/// @param make_worker  called once per thread; gives a function of the task's index that keeps that thread's scratch
template <typename MakeWorker>
void run_tasks(std::int64_t count, MakeWorker make_worker) {
  std::atomic<std::int64_t> next{0};
  at::parallel_for(0, at::get_num_threads(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t thread = begin; thread < end; ++thread) {
      auto work = make_worker();
      for (std::int64_t task = next++; task < count; task = next++) work(task);
    }
  });
}

}  // namespace stac::snn
