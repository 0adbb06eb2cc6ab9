// The fused engine's kernels one by one, on matrices of distilgpt2's sizes that no cache holds, or on rows of them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include "snn/elementwise_kernels.hpp"
#include "snn/huge_pages.hpp"
#include "snn/quad_product.hpp"
#include "snn/row_kernels.hpp"
#include "snn/task_queue.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::snn {
namespace {

constexpr std::int64_t kInputs = 768, kPairs = kInputs / 2, kPanelBytes = kPairs * kBytePair;
constexpr std::int64_t kPanels = 1400;  // 69 MB, and ten times as much where a cache may hold that
constexpr std::int64_t kInOrder = 4;    // panels that one thread takes where it fetches the next one

HugePages<std::int8_t> weights(std::int64_t count = kPanels) {
  HugePages<std::int8_t> panels(count * kPanelBytes);
  for (std::int64_t i = 0; i < count * kPanelBytes; ++i) panels.data()[i] = static_cast<std::int8_t>(i * 7 % 255 - 127);
  return panels;
}

std::vector<float> row(std::int64_t n) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(n);
  for (float& value : values) value = normal(random);
  return values;
}

/// @param state  rows, and of how many pairs one spikes
void multiply_all(benchmark::State& state) {
  const HugePages<std::int8_t> panels = weights();
  const std::int64_t rows = state.range(0), every = state.range(1);
  const std::vector<std::int16_t> codes(rows * kInputs, 200);
  std::vector<std::int32_t> pairs;
  for (std::int64_t pair = 0; pair < kPairs; pair += every) pairs.push_back(static_cast<std::int32_t>(pair));
  const ByteCodes all{codes.data(), kInputs, rows, every == 1 ? nullptr : pairs.data(),
                      static_cast<std::int64_t>(pairs.size())};
  for (auto _ : state) {
    for_each_task(kPanels / kInOrder, [&](std::int64_t task) {
      for (std::int64_t p = task * kInOrder; p < (task + 1) * kInOrder; ++p) {
        alignas(64) std::int32_t sums[kByteRows * kByteOutputs];
        multiply_bytes(panels.data() + p * kPanelBytes, all, sums);
        benchmark::DoNotOptimize(sums);
      }
    });
  }
  const auto bytes = static_cast<double>(kPanels * kPanelBytes) / static_cast<double>(every);
  state.counters["GB/s"] = benchmark::Counter(bytes * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["GMAC/s"] =
      benchmark::Counter(bytes * static_cast<double>(rows) * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(multiply_all)->Args({1, 1})->Args({4, 1})->Args({1, 4})->Args({1, 10})->Args({4, 10})->UseRealTime();

/// The same of codes in eight bits, which come in tiles. @param state  rows, panels
void multiply_all_by_quads(benchmark::State& state) {
  const std::int64_t rows = state.range(0), count = state.range(1);
  const HugePages<std::int8_t> panels = weights(count);
  std::vector<std::int16_t> codes;
  for (const float membrane : row(rows * kInputs)) {
    codes.push_back(static_cast<std::int16_t>(std::clamp(80.0F * membrane, -255.0F, 255.0F)));
  }
  std::vector<CodeQuad> quads(codes.size() / 4);
  std::vector<CodeQuads> tiles;
  for (std::int64_t r = 0; r < rows; r += kByteRows) {
    const ByteCodes tile{codes.data() + r * kInputs, kInputs, std::min(kByteRows, rows - r), nullptr, kPairs};
    tiles.push_back(pack_quads(tile, quads.data() + r * kInputs / 4));
  }
  for (auto _ : state) {
    for_each_task(count / kInOrder, [&](std::int64_t task) {
      std::vector<std::int32_t> sums(std::ssize(tiles) * kByteRows * kByteOutputs);
      for (std::int64_t p = task * kInOrder; p < (task + 1) * kInOrder; ++p) {
        const std::int8_t* const panel = panels.data() + p * kPanelBytes;
        multiply_quads(panel, tiles, p + 1 < (task + 1) * kInOrder ? panel + kPanelBytes : nullptr, sums.data());
        benchmark::DoNotOptimize(sums.data());
      }
    });
  }
  const auto bytes = static_cast<double>(count * kPanelBytes);
  state.counters["GB/s"] = benchmark::Counter(bytes * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["GMAC/s"] =
      benchmark::Counter(bytes * static_cast<double>(rows) * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(multiply_all_by_quads)->ArgsProduct({{1, 4, 8, 48}, {kPanels, 10 * kPanels}})->UseRealTime();

/// One panel in the second-level cache, again and again on one thread. @param state  rows
void multiply_panel(benchmark::State& state) {
  const HugePages<std::int8_t> panels = weights();
  const std::int64_t rows = state.range(0);
  const std::vector<std::int16_t> codes(rows * kInputs, 200);
  const ByteCodes all{codes.data(), kInputs, rows, nullptr, kPairs};
  alignas(64) std::int32_t sums[kByteRows * kByteOutputs];
  for (auto _ : state) {
    multiply_bytes(panels.data(), all, sums);
    benchmark::DoNotOptimize(sums);
  }
  state.counters["GMAC/s"] =
      benchmark::Counter(static_cast<double>(kPanelBytes * rows) * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(multiply_panel)->Arg(1)->Arg(4);

/// The same of codes in eight bits.
void multiply_panel_by_quads(benchmark::State& state) {
  const HugePages<std::int8_t> panels = weights();
  const std::int64_t rows = state.range(0);
  const std::vector<std::int16_t> codes(rows * kInputs, -200);
  std::vector<CodeQuad> quads(rows * kInputs / 4);
  const CodeQuads all = pack_quads({codes.data(), kInputs, rows, nullptr, kPairs}, quads.data());
  alignas(64) std::int32_t sums[kByteRows * kByteOutputs];
  for (auto _ : state) {
    multiply_quads(panels.data(), {&all, 1}, nullptr, sums);
    benchmark::DoNotOptimize(sums);
  }
  state.counters["GMAC/s"] =
      benchmark::Counter(static_cast<double>(kPanelBytes * rows) * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(multiply_panel_by_quads)->Arg(1)->Arg(4);

void encode(benchmark::State& state) {
  const std::vector<float> membranes = row(state.range(0));
  std::vector<std::int32_t> codes(membranes.size());
  for (auto _ : state) {
    benchmark::DoNotOptimize(nearest_codes(membranes.data(), state.range(0), 0.015F, 255, codes.data()));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(encode)->Arg(768)->Arg(3072);

void count_spikes(benchmark::State& state) {
  const std::vector<float> membranes = row(state.range(0));
  std::vector<std::int32_t> codes(membranes.size());
  static_cast<void>(nearest_codes(membranes.data(), state.range(0), 0.015F, 255, codes.data()));
  const std::vector<std::uint8_t> table(256, 3);
  for (auto _ : state) {
    benchmark::DoNotOptimize(count_codes(codes.data(), state.range(0), table.data(), 256, 255));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(count_spikes)->Arg(768)->Arg(3072);

void activate_gelu(benchmark::State& state) {
  std::vector<float> membranes = row(3072);
  for (auto _ : state) {
    gelu_tanh(membranes.data(), 3072);
    benchmark::DoNotOptimize(membranes.data());
  }
  state.SetItemsProcessed(state.iterations() * 3072);
}
BENCHMARK(activate_gelu);

void start_and_end_tasks(benchmark::State& state) {
  for (auto _ : state) for_each_task(2, [](std::int64_t task) { benchmark::DoNotOptimize(task); });
}
BENCHMARK(start_and_end_tasks)->UseRealTime();

}  // namespace
}  // namespace stac::snn

int main(int argc, char** argv) {
  stac::model::set_threads(static_cast<int>(std::thread::hardware_concurrency()));
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
