#include "stac/eval/memory_bandwidth.hpp"

#include <ATen/Parallel.h>
#include <hwy/cache_control.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "snn/huge_pages.hpp"

namespace stac::eval {
namespace {

constexpr std::int64_t kWords = (std::int64_t{512} << 20) / static_cast<std::int64_t>(sizeof(std::uint64_t));
constexpr int kPasses = 6;
constexpr std::int64_t kAhead = 4096 / static_cast<std::int64_t>(sizeof(std::uint64_t));

/// Eight independent sums, a line of the cache at a time: the reads, not the additions, take the time. As the products
/// do, it asks for what comes 4 KiB later: without, one thread leaves a part of the memory's speed unused.
std::uint64_t sum_of(const std::uint64_t* words, std::int64_t count) {
  std::array<std::uint64_t, 8> sums{};
  for (std::int64_t i = 0; i + 8 <= count; i += 8) {
    hwy::Prefetch(words + i + kAhead);
    for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += words[i + static_cast<std::int64_t>(lane)];
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t part : sums) sum += part;
  return sum;
}

}  // namespace

double memory_bandwidth() {
  snn::HugePages<std::uint64_t> words(kWords);  // as weights have them
  std::fill_n(words.data(), kWords, 1);
  const std::int64_t threads = at::get_num_threads(), share = (kWords + threads - 1) / threads;
  std::atomic<std::uint64_t> total{0};  // what is read must be of use, or nothing is read
  double fastest = 0.0;
  for (int pass = 0; pass < kPasses; ++pass) {
    const auto start = std::chrono::steady_clock::now();
    at::parallel_for(0, threads, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t thread = begin; thread < end; ++thread) {
        const std::int64_t first = thread * share;
        total += sum_of(words.data() + first, std::min(share, kWords - first));
      }
    });
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fastest =
        std::max(fastest, static_cast<double>(kWords * static_cast<std::int64_t>(sizeof(std::uint64_t))) / seconds);
  }
  return total.load() > 0 ? fastest : 0.0;
}

}  // namespace stac::eval
