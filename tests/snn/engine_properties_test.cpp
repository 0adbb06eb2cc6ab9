// What holds for every code, threshold, budget, width of weights and shape, at random.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

#include "engine_test_support.hpp"

namespace stac::snn {
namespace {

constexpr int kProjections = 1500;
constexpr int kAttentions = 400;

std::int64_t draw(std::int64_t least, std::int64_t most, std::mt19937& random) {
  return std::uniform_int_distribution<std::int64_t>(least, most)(random);
}

bool one_in(int n, std::mt19937& random) { return draw(1, n, random) == 1; }

Code random_code(std::mt19937& random) {
  Code code;
  code.kind = static_cast<CodeKind>(draw(0, 2, random));
  code.timesteps = static_cast<int>(one_in(16, random) ? draw(1, 64, random) : draw(1, 12, random));
  if (code.kind == CodeKind::phase) code.base = static_cast<int>(draw(2, 3, random));
  code.tau = std::uniform_real_distribution<double>(1.05, 20.0)(random);
  if (one_in(3, random)) code.spike_budget = static_cast<int>(draw(1, 6, random));
  if (one_in(3, random)) code.dead_zone = std::uniform_real_distribution<double>(0.0, 0.3)(random);
  const bool phase = code.kind == CodeKind::phase;
  if (phase && code.base == 2 && one_in(2, random)) code.polarity = Polarity::excitatory;
  if (!phase && one_in(2, random)) code.reset = Reset::hard;
  if (one_in(3, random)) code.headroom = std::uniform_real_distribution<double>(0.5, 2.0)(random);
  return code;
}

std::vector<float> random_thresholds(std::int64_t n, std::mt19937& random) {
  std::uniform_real_distribution<float> theta(0.1F, 4.0F);
  std::vector<float> values(n);
  for (float& value : values) value = theta(random);
  return values;
}

Population random_population(std::int64_t channels, std::mt19937& random) {
  Population population{random_code(random)};
  if (one_in(2, random) && full_scale(population.code) <= (1 << 19)) population.group = draw(1, channels, random);
  if (one_in(2, random)) population.profile = random_thresholds(channels, random);
  if (one_in(2, random)) population.full_scale = random_thresholds(group_count(population, channels), random);
  return population;
}

/// int8 weights, or f32's.
SpikingLinear any_layer(std::int64_t inputs, std::mt19937& random) {
  const std::int64_t outputs = draw(1, 40, random);
  return random_layer(outputs, inputs, random_population(inputs, random), random, one_in(2, random) ? 7 : 30);
}

std::string described(const SpikingLinear& layer) {
  return snn::described(layer.inputs) + " bits=" + std::to_string(layer.weight.bits) +
         " inputs=" + std::to_string(layer.weight.columns) + " outputs=" + std::to_string(layer.weight.rows);
}

struct Projected {
  std::vector<float> currents;
  SiteCounts counts;
};

Projected project(EngineKind kind, const SpikingLinear& layer, const std::vector<float>& membranes) {
  const std::int64_t rows = static_cast<std::int64_t>(membranes.size()) / layer.weight.columns;
  Projected result{std::vector<float>(rows * layer.weight.rows), {}};
  result.counts = make_engine(kind)->projection(layer)->run(membranes.data(), rows, result.currents.data());
  return result;
}

TEST(EngineProperties, ProjectionsOfBothEnginesAgreeBitForBit) {
  std::mt19937 random(41);
  for (int trial = 0; trial < kProjections; ++trial) {
    const std::int64_t inputs = draw(1, 70, random);
    const SpikingLinear layer = any_layer(inputs, random);
    const std::vector<float> membranes = random_rows(draw(1, 4, random) * inputs, random);
    const Projected temporal = project(EngineKind::temporal, layer, membranes);
    const Projected fused = project(EngineKind::fused, layer, membranes);
    ASSERT_EQ(temporal.currents, fused.currents) << described(layer);
    ASSERT_EQ(temporal.counts, fused.counts) << described(layer);
  }
}

TEST(EngineProperties, AttentionOfBothEnginesAgreesBitForBit) {
  std::mt19937 random(42);
  for (int trial = 0; trial < kAttentions; ++trial) {
    const std::int64_t kv_heads = draw(1, 3, random), heads = kv_heads * draw(1, 3, random);
    const std::int64_t head_dim = draw(1, 24, random), tokens = draw(1, 40, random);
    Population weights{random_code(random)};
    if (full_scale(weights.code) < (1 << 16) && one_in(2, random)) weights.group = draw(1, 9, random);
    AttentionShape shape = attention_shape(heads, kv_heads, head_dim, random_code(random), weights,
                                           std::array{7, 15, 30}[static_cast<std::size_t>(draw(0, 2, random))]);
    if (one_in(2, random)) {
      for (Population& query : shape.queries) query.full_scale = random_thresholds(1, random);
    }
    const auto queries = random_rows(tokens * heads * head_dim, random);
    const auto keys = random_rows(tokens * kv_heads * head_dim, random);
    const auto values = random_rows(tokens * kv_heads * head_dim, random);
    const std::int64_t first = draw(0, tokens - 1, random);
    const Attended temporal = attend(*make_engine(EngineKind::temporal), shape, queries, keys, values, {tokens});
    const Attended fused =
        attend(*make_engine(EngineKind::fused), shape, queries, keys, values, {tokens - first, first});
    const std::string what = snn::described(shape.queries.front()) + " / " + snn::described(shape.weights);
    ASSERT_EQ(temporal.mixed, fused.mixed) << what;
    ASSERT_EQ(temporal.counts.scores, fused.counts.scores) << what;
    ASSERT_EQ(temporal.counts.mix, fused.counts.mix) << what;
  }
}

// Sums of integers: the currents of two weight matrices add up to those of their sum, not only nearly.
TEST(EngineProperties, CurrentsAreLinearInTheWeights) {
  std::mt19937 random(43);
  for (int trial = 0; trial < 500; ++trial) {
    const std::int64_t inputs = draw(1, 30, random);
    const Population population{{static_cast<int>(draw(1, 8, random)), 2}};
    SpikingLinear one = random_layer(6, inputs, population, random, 6);
    one.weight.unit.assign(6, 1.0);
    one.bias.assign(6, 0.0);
    SpikingLinear other = one, both = one;
    std::vector<std::int32_t> drawn, sums;
    for (std::int64_t i = 0; i < one.weight.mantissa.size(); ++i) {
      drawn.push_back(static_cast<std::int32_t>(draw(-63, 63, random)));
      sums.push_back(one.weight.mantissa[i] + drawn.back());
    }
    other.weight.mantissa = std::move(drawn);
    both.weight.mantissa = std::move(sums);
    both.weight.bits = 7;
    std::vector<float> row = random_rows(inputs, random);
    row[0] = static_cast<float>(full_scale(population.code));  // with the clamp: one step is exactly 1
    for (float& membrane : row) membrane = std::clamp(membrane, -row[0], row[0]);
    for (const EngineKind kind : {EngineKind::temporal, EngineKind::fused}) {
      const auto a = project(kind, one, row).currents, b = project(kind, other, row).currents;
      const auto sum = project(kind, both, row).currents;
      for (std::size_t o = 0; o < sum.size(); ++o) ASSERT_EQ(sum[o], a[o] + b[o]) << described(one);
    }
  }
}

// Adaptive thresholds follow their membranes: twice as loud, the same spikes, and currents that are exactly twice as
// large.
TEST(EngineProperties, APowerOfTwoScalesMembranesIntoCurrentsExactly) {
  std::mt19937 random(44);
  for (int trial = 0; trial < 500; ++trial) {
    const std::int64_t inputs = draw(1, 40, random);
    SpikingLinear layer = any_layer(inputs, random);
    layer.inputs.full_scale = {};
    layer.bias.assign(layer.bias.size(), 0.0);
    const std::vector<float> row = random_rows(inputs, random);
    const auto factor = static_cast<float>(std::ldexp(1.0, static_cast<int>(draw(-12, 12, random))));
    std::vector<float> louder = row;
    for (float& membrane : louder) membrane *= factor;
    for (const EngineKind kind : {EngineKind::temporal, EngineKind::fused}) {
      Projected plain = project(kind, layer, row);
      const Projected scaled = project(kind, layer, louder);
      for (float& current : plain.currents) current *= factor;
      ASSERT_EQ(plain.currents, scaled.currents) << described(layer) << " factor=" << factor;
      ASSERT_EQ(plain.counts, scaled.counts) << described(layer);
    }
  }
}

// A power of two on one output's weights is a power of two on its current, and on nothing else.
TEST(EngineProperties, APowerOfTwoScalesWeightsIntoCurrentsExactly) {
  std::mt19937 random(45);
  for (int trial = 0; trial < 500; ++trial) {
    const std::int64_t inputs = draw(1, 40, random);
    SpikingLinear layer = any_layer(inputs, random);
    layer.bias.assign(layer.bias.size(), 0.0);
    const std::vector<float> row = random_rows(inputs, random);
    std::vector<float> expected = project(EngineKind::fused, layer, row).currents;
    const auto output = static_cast<std::size_t>(draw(0, layer.weight.rows - 1, random));
    expected[output] *= 8.0F;
    layer.weight.unit[output] *= 8.0;
    for (const EngineKind kind : {EngineKind::temporal, EngineKind::fused}) {
      ASSERT_EQ(project(kind, layer, row).currents, expected) << described(layer);
    }
  }
}

}  // namespace
}  // namespace stac::snn
