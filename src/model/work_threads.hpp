// OpenMP's number of threads for one piece of dense work.
//
// OpenMP's threads wait for one another actively. Where their cores have other work, too, a region takes milliseconds
// whatever is done in it, and a token of a small model has dozens of regions.
#pragma once
#include <omp.h>

#include <cstdint>

namespace stac::model {

/// Multiply-adds below which another thread is not worth its waking.
inline constexpr std::int64_t kWorthAThread = 1 << 17;

/// For the length of a scope: the caller's thread alone where there is too little work for two.
class WorkThreads {
 public:
  explicit WorkThreads(std::int64_t multiply_adds) : before_(omp_get_max_threads()) {
    if (multiply_adds < 2 * kWorthAThread) omp_set_num_threads(1);
  }
  ~WorkThreads() { omp_set_num_threads(before_); }
  WorkThreads(const WorkThreads&) = delete;
  WorkThreads& operator=(const WorkThreads&) = delete;

 private:
  int before_;
};

}  // namespace stac::model
