#include "snn/thread_pool.hpp"

#include <ATen/Parallel.h>
#include <hwy/cache_control.h>
#include <omp.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace stac::snn {

namespace {

using State = std::uint32_t;
constexpr State kRunning = 0xfff;   // mask: threads of the pool that are at work
constexpr State kOpen = 1U << 12U;  // more may begin
constexpr State kCallerSleeps = 1U << 13U;
constexpr State kTurn = 1U << 14U;  // counts the pieces of work

constexpr int kLooks = 2000;  // before a thread sleeps: some tens of microseconds

/// Waits until `ready(state)`; sleeps only after `kLooks` looks.
template <typename Ready>
State wait_until(const std::atomic<State>& state, Ready ready) {
  State now = state.load(std::memory_order_acquire);
  for (int look = 0; look < kLooks; ++look, now = state.load(std::memory_order_acquire)) {
    if (ready(now)) return now;
    hwy::Pause();
  }
  for (; !ready(now); now = state.load(std::memory_order_acquire)) state.wait(now, std::memory_order_acquire);
  return now;
}

class Pool {
 public:
  /// False where the pool is taken.
  bool run(int threads, void (*work)(void*), void* context) {
    const std::unique_lock lock(taken_, std::try_to_lock);
    if (!lock) return false;
    while (static_cast<int>(workers_.size()) < threads - 1) add_worker();
    work_ = work;
    context_ = context;
    helpers_.store(threads - 1, std::memory_order_relaxed);
    const State turn = state_.load(std::memory_order_relaxed) + kTurn;
    state_.store(turn | kOpen, std::memory_order_release);
    state_.notify_all();
    attempt();
    close();
    if (const std::exception_ptr failure = std::exchange(failure_, nullptr)) std::rethrow_exception(failure);
    return true;
  }

 private:
  /// A thread's first question for LibTorch's number of threads makes LibTorch build its own (unused) pool anew, which
  /// nothing else of the process may meet half-built: so the caller waits for it.
  void add_worker() {
    ready_.store(false, std::memory_order_relaxed);
    workers_.emplace_back([this] { serve(); });
    ready_.wait(false, std::memory_order_acquire);
  }

  [[noreturn]] void serve() {
    static_cast<void>(at::get_num_threads());  // which sets this thread's number when first asked
    omp_set_num_threads(1);                    // for loops of LibTorch within the work, and other work within it
    ready_.store(true, std::memory_order_release);
    ready_.notify_all();
    State last = 0;
    for (;;) {
      State seen = wait_until(state_, [last](State s) { return (s & kOpen) != 0 && s / kTurn != last; });
      last = seen / kTurn;
      if (!begin(seen)) continue;
      attempt();
      end();
    }
  }

  /// Whether this thread is among those that may help with the turn that it has seen.
  bool begin(State seen) {
    const State turn = seen / kTurn;
    while ((seen & kOpen) != 0 && seen / kTurn == turn) {
      if (static_cast<int>(seen & kRunning) >= helpers_.load(std::memory_order_relaxed)) return false;
      if (state_.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire)) return true;
    }
    return false;
  }

  void end() {
    const State before = state_.fetch_sub(1, std::memory_order_acq_rel);
    if ((before & kRunning) == 1 && (before & kCallerSleeps) != 0) state_.notify_all();
  }

  void attempt() {
    try {
      work_(context_);
    } catch (...) {
      const std::lock_guard lock(failure_mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  void close() {
    const auto idle = [](State s) { return (s & kRunning) == 0; };
    State now = state_.fetch_and(~kOpen, std::memory_order_acq_rel);
    for (int look = 0; look < kLooks && !idle(now); ++look) {
      hwy::Pause();
      now = state_.load(std::memory_order_acquire);
    }
    if (idle(now)) return;
    state_.fetch_or(kCallerSleeps, std::memory_order_acq_rel);
    wait_until(state_, idle);
    state_.fetch_and(~kCallerSleeps, std::memory_order_acq_rel);
  }

  std::mutex taken_;
  alignas(64) std::atomic<State> state_{0};
  alignas(64) std::atomic<int> helpers_{0};
  std::atomic<bool> ready_{false};  // the thread added last
  void (*work_)(void*) = nullptr;
  void* context_ = nullptr;
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
  std::vector<std::thread> workers_;
};

// Never destroyed: its threads sleep until the process ends. A fork's child leaves its parent's pool behind, whose
// threads it does not have.
Pool*& process_pool() {
  static Pool* pool = [] {
    pthread_atfork(nullptr, nullptr, [] { process_pool() = new Pool; });
    return new Pool;
  }();
  return pool;
}

thread_local int of_pool = 0;  // this thread's number where it is not LibTorch's

/// Sets LibTorch's number and the pool's on this thread.
void set_numbers(int loops, int pool) {
  omp_set_num_threads(loops);
  of_pool = pool;
}

}  // namespace

int pool_threads() { return of_pool > 0 ? of_pool : at::get_num_threads(); }

LoopsOnCaller::LoopsOnCaller() : loops_before_(at::get_num_threads()), pool_before_(of_pool) {
  set_numbers(1, pool_threads());
}

LoopsOnCaller::~LoopsOnCaller() { set_numbers(loops_before_, pool_before_); }

void run_together(std::int64_t most, void (*work)(void*), void* context) {
  const auto threads = static_cast<int>(std::min<std::int64_t>(most, pool_threads()));
  if (threads <= 1 || at::in_parallel_region()) return work(context);
  const struct Alone {  // within the work: LibTorch's loops, and other work
    Alone() : loops_before(at::get_num_threads()), pool_before(of_pool) { set_numbers(1, 0); }
    ~Alone() { set_numbers(loops_before, pool_before); }
    int loops_before, pool_before;
  } alone;
  if (!process_pool()->run(threads, work, context)) work(context);
}

}  // namespace stac::snn
