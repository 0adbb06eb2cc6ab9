// Independent tasks on the pool's threads, each thread taking the next one when it is done with its last: cores need
// not be equally fast.
#pragma once
#include <atomic>
#include <cstdint>

#include "snn/thread_pool.hpp"

namespace stac::snn {

/// @param make_worker  called once per thread; gives a function of the task's index that keeps that thread's scratch
template <typename MakeWorker>
void run_tasks(std::int64_t count, MakeWorker make_worker) {
  std::atomic<std::int64_t> next{0};
  auto take_all = [&] {
    auto work = make_worker();
    for (std::int64_t task = next++; task < count; task = next++) work(task);
  };
  run_together(
      count, [](void* context) { (*static_cast<decltype(take_all)*>(context))(); }, &take_all);
}

/// @param function  of the task's index
template <typename Function>
void for_each_task(std::int64_t count, const Function& function) {
  run_tasks(count, [&] { return [&](std::int64_t task) { function(task); }; });
}

}  // namespace stac::snn
