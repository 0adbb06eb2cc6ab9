// Codes, random projections and attention for tests of the engines.
#pragma once
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "stac/snn/engine.hpp"

namespace stac::snn {

inline constexpr int kTimesteps[] = {1, 2, 3, 4, 5, 8, 12, 16};

/// Every code; for phase, every T and base.
inline std::vector<Code> all_codes() {
  std::vector<Code> codes;
  for (const int base : {2, 3}) {
    for (const int timesteps : kTimesteps) codes.push_back({timesteps, base});
  }
  for (const int timesteps : {1, 4, 8, 32}) {
    codes.push_back({timesteps, 2, CodeKind::rate});
    for (const double tau : {1.25, 2.0, 8.0}) codes.push_back({timesteps, 2, CodeKind::lif, tau});
    codes.push_back({.timesteps = timesteps, .kind = CodeKind::rate, .reset = Reset::hard});
    codes.push_back({.timesteps = timesteps, .kind = CodeKind::lif, .tau = 3.0, .reset = Reset::hard});
  }
  for (const int timesteps : kTimesteps) codes.push_back({.timesteps = timesteps, .polarity = Polarity::excitatory});
  return codes;
}

/// The same with budgets, dead zones and headroom.
inline std::vector<Code> all_variants() {
  std::vector<Code> codes;
  for (Code code : all_codes()) {
    codes.push_back(code);
    code.headroom = 1.5;
    codes.push_back(code);
    code.dead_zone = 0.02;
    codes.push_back(code);
    code.spike_budget = 2;
    codes.push_back(code);
    code.headroom = 0.7;
    code.dead_zone = 0.0;
    codes.push_back(code);
  }
  return codes;
}

inline std::string described(const Code& code) {
  return "kind=" + std::to_string(static_cast<int>(code.kind)) + " T=" + std::to_string(code.timesteps) +
         " b=" + std::to_string(code.base) + " tau=" + std::to_string(code.tau) +
         " budget=" + std::to_string(code.spike_budget) + " dead=" + std::to_string(code.dead_zone) +
         " headroom=" + std::to_string(code.headroom) + (code.polarity == Polarity::excitatory ? " unsigned" : "") +
         (code.reset == Reset::hard ? " hard reset" : "");
}

inline std::string described(const Population& population) {
  return described(population.code) + " group=" + std::to_string(population.group) +
         " profile=" + std::to_string(population.profile.size()) +
         " static=" + std::to_string(population.full_scale.size());
}

inline std::vector<float> random_rows(std::int64_t n, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> rows(n);
  for (float& value : rows) value = normal(random) * std::exp(normal(random));
  return rows;
}

inline Mantissas as_bytes(const std::vector<std::int32_t>& mantissas) {
  return Mantissas(at::tensor(mantissas, at::kInt).to(at::kChar));
}

/// Mantissas as wide as sums stay exact, unless said: f32's, or the 7 bits of int8 weights.
inline SpikingLinear random_layer(std::int64_t outputs, std::int64_t inputs, const Population& population,
                                  std::mt19937& random, int most_bits = 30) {
  const int bits = std::min(most_bits, exact_bits(inputs, largest_contribution(population)));
  const std::int32_t limit = static_cast<std::int32_t>((std::int64_t{1} << bits) - 1);
  std::uniform_int_distribution<std::int32_t> mantissa(-limit, limit);
  std::uniform_int_distribution<int> exponent(-bits - 4, -bits + 2);
  std::uniform_real_distribution<float> scale(1.0F, 2.0F);
  std::normal_distribution<double> bias;
  SpikingLinear layer{{outputs, inputs, bits, {}, {}}, {}, population, {}};
  std::vector<std::int32_t> mantissas(outputs * inputs);
  for (std::int32_t& drawn : mantissas) drawn = mantissa(random);
  layer.weight.mantissa = bits <= 7 ? as_bytes(mantissas) : Mantissas(std::move(mantissas));
  for (std::int64_t o = 0; o < outputs; ++o) {
    layer.weight.unit.push_back(std::ldexp(scale(random), exponent(random)));
    layer.bias.push_back(bias(random));
  }
  return layer;
}

/// @param weights    of the softmax
/// @param most_bits  of a cached number; 15: it takes two bytes; 7: one, in steps of its head's
inline AttentionShape attention_shape(std::int64_t heads, std::int64_t kv_heads, std::int64_t head_dim,
                                      const Code& queries, const Population& weights, int most_bits = 30) {
  AttentionShape shape{0, heads,          kv_heads, head_dim, 1.0 / std::sqrt(static_cast<double>(head_dim)), {}, {}, 0,
                       0, most_bits == 7, {},       weights};
  shape.queries.assign(heads, {queries});
  if (shape.in_bytes) most_bits = 15;
  shape.key_bits = std::min(most_bits, exact_bits(head_dim, full_scale(queries)));
  shape.value_bits = std::min(most_bits, exact_bits(512, largest_contribution(weights)));
  shape.key_exponent.assign(kv_heads, 6 - shape.key_bits);
  shape.value_exponent.assign(kv_heads, 7 - shape.value_bits);
  return shape;
}

struct Attended {
  std::vector<float> mixed;
  AttentionCounts counts;
};

// Appends and attends block by block.
inline Attended attend(const Engine& engine, const AttentionShape& shape, const std::vector<float>& queries,
                       const std::vector<float>& keys, const std::vector<float>& values,
                       const std::vector<std::int64_t>& blocks) {
  const auto memory = engine.memory(shape);
  const std::int64_t query_width = shape.heads * shape.head_dim;
  const std::int64_t key_width = shape.kv_heads * shape.head_dim;
  Attended result{std::vector<float>(queries.size()), {}};
  std::int64_t first = 0;
  for (const std::int64_t rows : blocks) {
    memory->append(keys.data() + first * key_width, values.data() + first * key_width, rows);
    const AttentionCounts counts =
        memory->attend(queries.data() + first * query_width, rows, result.mixed.data() + first * query_width);
    result.counts.scores += counts.scores;
    result.counts.mix += counts.mix;
    first += rows;
  }
  return result;
}

}  // namespace stac::snn
