// Sites of the exported module on the membranes that the fused engine gets.
#include <gtest/gtest.h>
#include <torch/script.h>

#include "snn/engine_test_support.hpp"
#include "stac/torchscript/network_module.hpp"
#include "torchscript/attention_module.hpp"
#include "torchscript/projection_module.hpp"

namespace stac::torchscript {
namespace {

using snn::Code;
using snn::CodeKind;
using snn::Population;

// Every kind of thing that a plan can put at a projection's inputs.
std::vector<Population> populations(std::int64_t inputs, std::mt19937& random) {
  std::vector<Population> all;
  for (const int timesteps : {1, 3, 4, 8, 16}) {
    all.push_back({Code{timesteps, 2}});
    all.push_back({Code{std::min(timesteps, 9), 3}});
  }
  for (const int timesteps : {1, 4, 8, 16}) all.push_back({Code{timesteps, 2, CodeKind::rate}});
  all.push_back({Code{8, 2, CodeKind::lif}});
  all.push_back({Code{8, 2, CodeKind::lif, 4.0, 3, 0.05}});
  Code code{8, 2};
  code.spike_budget = 2;
  all.push_back({code});
  code = Code{8, 2};
  code.dead_zone = 0.03;
  code.headroom = 1.5;
  all.push_back({code});
  code = Code{5, 3};
  code.headroom = 0.4;  // most rows saturate
  all.push_back({code});
  code = Code{8, 2};
  code.polarity = snn::Polarity::excitatory;
  all.push_back({code});
  code = Code{8, 2, CodeKind::rate};
  code.reset = snn::Reset::hard;
  all.push_back({code});
  Population grouped{Code{4, 2}, 8};
  all.push_back(grouped);
  std::uniform_real_distribution<float> threshold(0.3F, 3.0F);
  for (std::int64_t j = 0; j < inputs; ++j) grouped.profile.push_back(threshold(random));
  all.push_back(grouped);
  Population fixed{Code{6, 2}, 8, grouped.profile};
  for (std::int64_t g = 0; g < snn::group_count(fixed, inputs); ++g) fixed.full_scale.push_back(threshold(random));
  all.push_back(fixed);
  return all;
}

// Random, and with what rounding trips over: zeros, halfway values, one that dwarfs the others.
std::vector<float> awkward_rows(std::int64_t rows, std::int64_t n, std::int64_t full_scale, std::mt19937& random) {
  std::vector<float> values = snn::random_rows(rows * n, random);
  std::fill_n(values.begin(), n, 0.0F);
  const auto largest = static_cast<float>(full_scale);  // a step of 1, where the gain adapts: all others are ties
  for (std::int64_t j = 1; j < n; ++j) values[n + j] = std::clamp(static_cast<float>(j) - 7.5F, -largest, largest);
  values[n] = largest;
  values[2 * n + 3] = 1e6F;
  for (std::int64_t j = 0; j < n; ++j) values[3 * n + j] *= 1e-38F;
  return values;
}

void expect_engines_answer(const Population& population, int bits, std::mt19937& random) {
  SCOPED_TRACE(snn::described(population) + " bits=" + std::to_string(bits));
  const std::int64_t rows = 9, inputs = 37, outputs = 21;
  const snn::SpikingLinear layer = snn::random_layer(outputs, inputs, population, random, bits);
  const std::vector<float> membranes = awkward_rows(rows, inputs, snn::full_scale(population.code), random);
  std::vector<float> currents(rows * outputs);
  const auto engine = snn::make_engine(snn::EngineKind::fused);
  const snn::SiteCounts counts = engine->projection(layer)->run(membranes.data(), rows, currents.data());

  torch::jit::Module module = saved_and_opened(projection_module("Site", layer));
  const auto answer =
      module.forward({at::tensor(membranes).view({1, rows, inputs}), at::ones({1, rows}, at::kLong)}).toTuple();
  EXPECT_TRUE(at::equal(answer->elements()[0].toTensor().reshape({-1}), at::tensor(currents)));
  EXPECT_EQ(answer->elements()[1].toTensor().item<std::int64_t>(), static_cast<std::int64_t>(counts.spikes));
  EXPECT_GT(counts.spikes, 0U);
}

TEST(ProjectionModule, EqualsTheFusedEngineBitForBitForEveryPopulation) {
  std::mt19937 random(11);
  for (const int bits : {7, 30}) {
    for (const Population& population : populations(37, random)) expect_engines_answer(population, bits, random);
  }
}

TEST(ProjectionModule, CountsOnlyTheRowsThatCount) {
  std::mt19937 random(3);
  const snn::SpikingLinear layer = snn::random_layer(5, 16, {Code{8, 2}}, random, 7);
  const at::Tensor x = at::tensor(snn::random_rows(4 * 16, random)).view({2, 2, 16});
  torch::jit::Module module = projection_module("Site", layer);
  const auto spikes = [&](const std::vector<std::int64_t>& counted) {
    return module.forward({x, at::tensor(counted).view({2, 2})})
        .toTuple()
        ->elements()[1]
        .toTensor()
        .item<std::int64_t>();
  };
  EXPECT_EQ(spikes({0, 0, 0, 0}), 0);
  EXPECT_EQ(spikes({1, 0, 0, 1}) + spikes({0, 1, 1, 0}), spikes({1, 1, 1, 1}));
  EXPECT_GT(spikes({1, 0, 0, 0}), 0);
}

TEST(ProjectionModule, RefusesAMembraneThatIsNotFinite) {
  std::mt19937 random(3);
  torch::jit::Module module = projection_module("Site", snn::random_layer(5, 16, {Code{8, 2}}, random, 7));
  const at::Tensor x = at::ones({1, 1, 16});
  x[0][0][4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ANY_THROW(module.forward({x, at::ones({1, 1}, at::kLong)}));
}

struct AttentionCase {
  snn::AttentionShape shape;
  std::string name;
};

std::vector<AttentionCase> attention_cases(std::mt19937& random) {
  std::vector<AttentionCase> cases;
  for (const int timesteps : {4, 8, 16}) {
    for (const int base : {2, 3}) {
      const Code code{std::min(timesteps, base == 3 ? 8 : 16), base};
      cases.push_back({snn::attention_shape(4, 2, 8, code, {code}), snn::described(code)});
    }
  }
  const Code rate{8, 2, CodeKind::rate};
  cases.push_back({snn::attention_shape(4, 4, 8, rate, {rate}), "rate"});
  const Code lif{8, 2, CodeKind::lif};
  cases.push_back({snn::attention_shape(2, 1, 8, lif, {lif}), "lif"});
  cases.push_back({snn::attention_shape(4, 2, 8, {6, 2}, {Code{4, 2}, 3}), "groups of tokens"});
  cases.push_back({snn::attention_shape(4, 2, 8, {6, 2}, {Code{4, 2}, 3}), "groups of tokens in a window"});
  cases.back().shape.window = 5;
  cases.push_back({snn::attention_shape(4, 2, 8, {6, 2}, {Code{5, 3}}), "a window"});
  cases.back().shape.window = 4;
  cases.push_back({snn::attention_shape(4, 2, 8, {8, 2}, {Code{8, 2}}, 7), "keys and values in bytes"});
  cases.push_back({snn::attention_shape(4, 2, 8, {8, 2}, {Code{8, 2}}), "static queries"});
  std::uniform_real_distribution<float> full_scale(0.5F, 2.0F);
  for (Population& queries : cases.back().shape.queries) queries.full_scale = {full_scale(random)};
  return cases;
}

at::Tensor heads_first(const std::vector<float>& rows, std::int64_t heads, std::int64_t head_dim) {
  return at::tensor(rows).view({1, -1, heads, head_dim}).transpose(1, 2);
}

TEST(AttentionModule, EqualsTheFusedEnginesSpikesAndMixedRowsInEveryBlock) {
  std::mt19937 random(5);
  const std::vector<std::int64_t> blocks{7, 1, 4};
  const std::int64_t tokens = 12;
  for (const auto& [shape, name] : attention_cases(random)) {
    SCOPED_TRACE(name);
    const std::vector<float> queries = snn::random_rows(tokens * shape.heads * shape.head_dim, random);
    const std::vector<float> keys = snn::random_rows(tokens * shape.kv_heads * shape.head_dim, random);
    const std::vector<float> values = snn::random_rows(tokens * shape.kv_heads * shape.head_dim, random);
    const snn::Attended wanted =
        snn::attend(*snn::make_engine(snn::EngineKind::fused), shape, queries, keys, values, blocks);

    torch::jit::Module module = saved_and_opened(attention_module("Attention", shape, 512));
    at::Tensor past_keys = at::zeros({1, shape.kv_heads, 0, shape.head_dim}, at::kInt), past_values = past_keys;
    std::vector<at::Tensor> mixed;
    std::int64_t query_spikes = 0, weight_spikes = 0, first = 0;
    for (const std::int64_t n : blocks) {
      const auto taken = [&](const std::vector<float>& rows, std::int64_t heads) {
        return heads_first(rows, heads, shape.head_dim).narrow(2, first, n);
      };
      const auto answer =
          module
              .forward({taken(queries, shape.heads), taken(keys, shape.kv_heads), taken(values, shape.kv_heads),
                        past_keys, past_values, at::ones({1, n}, at::kLong), at::zeros({1}, at::kLong)})
              .toTuple();
      mixed.push_back(answer->elements()[0].toTensor().transpose(1, 2).reshape({n, -1}));
      past_keys = answer->elements()[1].toTensor();
      past_values = answer->elements()[2].toTensor();
      query_spikes += answer->elements()[3].toTensor().item<std::int64_t>();
      weight_spikes += answer->elements()[4].toTensor().item<std::int64_t>();
      first += n;
    }
    EXPECT_EQ(query_spikes, static_cast<std::int64_t>(wanted.counts.scores.spikes));
    EXPECT_EQ(weight_spikes, static_cast<std::int64_t>(wanted.counts.mix.spikes));
    EXPECT_GT(weight_spikes, 0);
    // The softmax's exp is rounded otherwise than the engine's: the exact sum that divides moves in its last bits.
    EXPECT_TRUE(at::allclose(at::cat(mixed).reshape({-1}), at::tensor(wanted.mixed), 1e-6, 1e-6));
  }
}

}  // namespace
}  // namespace stac::torchscript
