#include "stac/model/thread_limit.hpp"

#include <ATen/Parallel.h>
#include <omp.h>

namespace stac::model {

void set_threads(int threads) {
  omp_set_num_threads(threads);
  // LibTorch may bring an OpenMP of its own. It is not told what it knows: each time it would make a pool of threads
  // anew (XNNPACK's, unused here), and those spin for milliseconds.
  if (at::get_num_threads() != threads) at::set_num_threads(threads);
}

ThreadLimit::ThreadLimit(int threads) : before_(at::get_num_threads()) { set_threads(threads); }
ThreadLimit::~ThreadLimit() { set_threads(before_); }

}  // namespace stac::model
