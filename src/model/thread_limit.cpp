#include "stac/model/thread_limit.hpp"

#include <ATen/Parallel.h>
#include <omp.h>

// Of OpenBLAS, where LibTorch's package stands on it.
extern "C" {
[[gnu::weak]] int openblas_get_num_threads();
[[gnu::weak]] void openblas_set_num_threads(int threads);
}

namespace stac::model {

namespace {

/// OpenBLAS's own threads look out for work for a tenth of a second after each product and would slow everybody's.
void keep_blas_on_its_caller() {
  if (openblas_get_num_threads == nullptr || openblas_get_num_threads() == 1) return;
  openblas_set_num_threads(1);
}

}  // namespace

void set_threads(int threads) {
  keep_blas_on_its_caller();
  omp_set_num_threads(threads);
  // LibTorch may bring an OpenMP of its own. It is not told what it knows: each time it would make a pool of threads
  // anew (XNNPACK's, unused here), and those spin for milliseconds.
  if (at::get_num_threads() != threads) at::set_num_threads(threads);
}

ThreadLimit::ThreadLimit(int threads) : before_(at::get_num_threads()) { set_threads(threads); }
ThreadLimit::~ThreadLimit() { set_threads(before_); }

}  // namespace stac::model
