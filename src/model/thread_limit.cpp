#include "stac/model/thread_limit.hpp"

#include <ATen/Parallel.h>
#include <omp.h>

namespace stac::model {

void set_threads(int threads) {
  at::set_num_threads(threads);
  omp_set_num_threads(threads);  // the same thing twice, unless LibTorch brings an OpenMP of its own
}

ThreadLimit::ThreadLimit(int threads) : before_(at::get_num_threads()) { set_threads(threads); }
ThreadLimit::~ThreadLimit() { set_threads(before_); }

}  // namespace stac::model
