#include "snn/thread_pool.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

#include "snn/task_queue.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::snn {
namespace {

std::vector<int> times_taken(std::int64_t tasks) {
  std::vector<std::atomic<int>> taken(tasks);
  for_each_task(tasks, [&](std::int64_t task) { ++taken[task]; });
  return {taken.begin(), taken.end()};
}

/// Waits for it, ten seconds at most.
bool comes_to(const std::atomic<int>& count, int wanted) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (count < wanted && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  return count >= wanted;
}

TEST(ThreadPool, TakesEveryTaskOnce) {
  for (const int threads : {1, 2, 5}) {
    const model::ThreadLimit limit(threads);
    for (const std::int64_t tasks : {0, 1, 2, 3, 100, 5000}) {
      EXPECT_EQ(times_taken(tasks), std::vector<int>(tasks, 1)) << threads << " threads";
    }
  }
}

TEST(ThreadPool, IsThereAgainAfterThousandsOfShortTurnsAndAfterASleep) {
  const model::ThreadLimit limit(3);
  std::atomic<std::int64_t> sum{0};
  for (int turn = 0; turn < 20000; ++turn) for_each_task(3, [&](std::int64_t task) { sum += task; });
  EXPECT_EQ(sum, 3 * 20000);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(times_taken(64), std::vector<int>(64, 1));
}

// Two tasks that wait for each other.
TEST(ThreadPool, RunsTasksSideBySide) {
  const model::ThreadLimit limit(2);
  std::atomic<int> met{0};
  for_each_task(2, [&](std::int64_t) {
    ++met;
    EXPECT_TRUE(comes_to(met, 2));
  });
  EXPECT_EQ(met, 2);
}

TEST(ThreadPool, WorkWithinWorkIsDoneByTheThreadThatMeetsIt) {
  const model::ThreadLimit limit(2);
  std::atomic<int> inner{0};
  for_each_task(8, [&](std::int64_t) {
    const std::thread::id outer = std::this_thread::get_id();
    EXPECT_EQ(at::get_num_threads(), 1);
    for_each_task(8, [&](std::int64_t) {
      EXPECT_EQ(std::this_thread::get_id(), outer);
      ++inner;
    });
  });
  EXPECT_EQ(inner, 64);
  EXPECT_EQ(at::get_num_threads(), 2);
}

TEST(ThreadPool, KeepsItsThreadsWhereLoopsStayOnTheirCaller) {
  const model::ThreadLimit limit(2);
  {
    const LoopsOnCaller loops, nested;
    EXPECT_EQ(at::get_num_threads(), 1);
    std::atomic<int> met{0};
    for_each_task(2, [&](std::int64_t) {
      EXPECT_EQ(pool_threads(), 1);
      ++met;
      EXPECT_TRUE(comes_to(met, 2));
    });
    EXPECT_EQ(met, 2);
    EXPECT_EQ(at::get_num_threads(), 1);
    EXPECT_EQ(pool_threads(), 2);
  }
  EXPECT_EQ(at::get_num_threads(), 2);
  EXPECT_EQ(pool_threads(), 2);
}

TEST(ThreadPool, GivesWhatATaskThrewToTheCallerAndGoesOn) {
  const model::ThreadLimit limit(2);
  for (const std::int64_t bad : {0, 7, 99}) {
    const auto throws = [&](std::int64_t task) {
      if (task == bad) throw std::runtime_error("task " + std::to_string(task));
    };
    EXPECT_THROW(for_each_task(100, throws), std::runtime_error);
    EXPECT_EQ(times_taken(100), std::vector<int>(100, 1));
    EXPECT_EQ(at::get_num_threads(), 2);
  }
}

TEST(ThreadPool, ServesSeveralThreadsOfTheProcess) {
  const model::ThreadLimit limit(2);
  std::atomic<std::int64_t> done{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int turn = 0; turn < 200; ++turn) for_each_task(16, [&](std::int64_t) { ++done; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(done, 4 * 200 * 16);
}

TEST(ThreadPool, WorksInTheChildOfAFork) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer does not follow the child of a fork into new threads";
#endif
  const model::ThreadLimit limit(2);
  EXPECT_EQ(times_taken(16), std::vector<int>(16, 1));
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(10);  // instead of waiting for ever
    _exit(times_taken(64) == std::vector<int>(64, 1) ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace stac::snn
