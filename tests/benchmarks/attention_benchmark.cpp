// The fused engine's attention of one token, behind caches of each format (--kv-dtype).
#include <benchmark/benchmark.h>

#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "stac/snn/engine.hpp"

namespace stac::snn {
namespace {

constexpr std::int64_t kHeads = 12, kHeadDim = 64, kWidth = kHeads * kHeadDim;
constexpr std::int64_t kLayers = 6;  // distilgpt2's
constexpr std::int64_t kBlock = 64;  // tokens that are appended at a time

AttentionShape shape(int bits) {
  const Code code{8, 2};
  AttentionShape shape;
  shape.heads = shape.kv_heads = kHeads;
  shape.head_dim = kHeadDim;
  shape.scale = 1.0 / std::sqrt(static_cast<double>(kHeadDim));
  shape.key_bits = shape.value_bits = bits == 32 ? 30 : 15;
  shape.in_bytes = bits == 8;
  shape.key_exponent.assign(kHeads, 4 - shape.key_bits);
  shape.value_exponent.assign(kHeads, 4 - shape.value_bits);
  shape.queries.assign(kHeads, {code});
  shape.weights = {code};
  return shape;
}

/// @param state  bits of a cached number, and tokens
void attend_one_token(benchmark::State& state) {
  const std::int64_t tokens = state.range(1);
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> rows(kBlock * kWidth), mixed(kWidth);
  for (float& value : rows) value = normal(random);
  std::vector<std::unique_ptr<AttentionMemory>> layers;
  for (std::int64_t layer = 0; layer < kLayers; ++layer) {
    layers.push_back(make_engine(EngineKind::fused)->memory(shape(static_cast<int>(state.range(0)))));
    for (std::int64_t done = 0; done < tokens; done += kBlock) layers.back()->append(rows.data(), rows.data(), kBlock);
  }
  for (auto _ : state) {
    for (const auto& layer : layers) benchmark::DoNotOptimize(layer->attend(rows.data(), 1, mixed.data()));
  }
  const auto bytes = static_cast<double>(kLayers * 2 * tokens * kWidth * state.range(0) / 8);
  state.counters["GB/s"] = benchmark::Counter(bytes * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(attend_one_token)->ArgsProduct({{32, 16, 8}, {64, 512, 2048, 8192}})->UseRealTime();

}  // namespace
}  // namespace stac::snn
