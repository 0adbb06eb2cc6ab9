// Both engines against each other, bit for bit, and the temporal one against a brute-force loop.
#include "stac/snn/engine.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

#include "engine_test_support.hpp"
#include "stac/error.hpp"

namespace stac::snn {
namespace {

constexpr int kTimesteps[] = {1, 2, 3, 4, 5, 8, 12, 16};

// Every code; for phase, every T and base.
std::vector<Code> all_codes() {
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

// The same with budgets, dead zones and headroom.
std::vector<Code> all_variants() {
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

// Every kind of threshold over 33 or so channels.
std::vector<Population> all_populations(const Code& code, std::int64_t channels, std::mt19937& random) {
  std::uniform_real_distribution<float> theta(0.1F, 4.0F);
  const auto draw = [&](std::int64_t n) {
    std::vector<float> values(n);
    for (float& value : values) value = theta(random);
    return values;
  };
  std::vector<Population> populations{{code}, {code, 0, draw(channels), {}}, {code, 0, {}, draw(1)}};
  if (full_scale(code) > (1 << 19)) return populations;
  for (const std::int64_t group : {std::int64_t{1}, std::int64_t{8}, std::int64_t{100}}) {
    const Population adaptive{code, group, {}, {}};
    populations.push_back(adaptive);
    populations.push_back({code, group, draw(channels), draw(group_count(adaptive, channels))});
  }
  return populations;
}

// Weighted sums of spikes by the definition: no integers, no Horner, one neuron at a time. A phase neuron is seen with
// a shrinking threshold, the others with the weights of their leak.
struct BruteForce {
  std::vector<double> decoded;
  std::uint64_t spikes = 0;

  BruteForce(const Code& code, const float* membranes, std::int64_t n, float scale) : decoded(n) {
    for (std::int64_t j = 0; j < n; ++j) {
      const double u = scale == 0.0F ? 0.0 : static_cast<double>(membranes[j] / scale);
      if (std::abs(u) <= code.dead_zone * static_cast<double>(full_scale(code))) continue;
      decoded[j] = code.kind == CodeKind::phase ? phase_window(code, u) : constant_window(code, u);
    }
  }

 private:
  double phase_window(const Code& code, double v) {
    if (code.polarity == Polarity::excitatory) return binary_digits(code, v);
    double said = 0;
    int left = code.spike_budget > 0 ? code.spike_budget : code.timesteps;
    for (int t = 0; t < speaking_timesteps(code) && left > 0; ++t) {
      const auto weight = static_cast<double>(spike_weight(code, t));
      if (std::abs(v) <= firing_fraction(code, t) * weight) continue;
      const double spike = v > 0 ? weight : -weight;
      v -= spike;
      said += spike;
      --left;
      ++spikes;
    }
    return said;
  }

  // An unsigned window is the binary number nearest to its membrane, cut after as many ones as the budget allows.
  double binary_digits(const Code& code, double u) {
    const double nearest = std::clamp(std::floor(u + 0.5), 0.0, static_cast<double>(full_scale(code)));
    auto rest = static_cast<std::uint64_t>(nearest);
    std::uint64_t said = 0;
    for (int left = code.spike_budget > 0 ? code.spike_budget : code.timesteps; rest > 0 && left > 0; --left) {
      const std::uint64_t largest = std::bit_floor(rest);
      rest -= largest;
      said += largest;
      ++spikes;
    }
    return static_cast<double>(said);
  }

  double constant_window(const Code& code, double u) {
    const double lambda = code.kind == CodeKind::lif ? 1.0 - 1.0 / code.tau : 1.0;
    const auto threshold = static_cast<double>(full_scale(code));
    int left = code.spike_budget > 0 ? code.spike_budget : code.timesteps;
    double v = 0;
    double said = 0;
    for (int t = 0; t < code.timesteps; ++t) {
      v = lambda * v + u;
      const bool hard = code.reset == Reset::hard;
      if (left == 0 || (hard ? std::abs(v) < threshold : std::abs(v) <= 0.5 * threshold)) continue;
      const double sign = v > 0 ? 1.0 : -1.0;
      v = hard ? 0.0 : v - sign * threshold;
      said += sign * static_cast<double>(spike_weight(code, t));
      --left;
      ++spikes;
    }
    return said;
  }
};

float largest(const float* row, std::int64_t n) {
  float result = 0;
  for (std::int64_t j = 0; j < n; ++j) result = std::max(result, std::abs(row[j]));
  return result;
}

TEST(TemporalEngine, ProjectsAsABruteForceLoopDoes) {
  std::mt19937 random(11);
  for (const Code& code : all_variants()) {
    const std::int64_t inputs = 29;
    const std::int64_t outputs = 7;
    const SpikingLinear layer = random_layer(outputs, inputs, {code}, random);
    const std::vector<float> row = random_rows(inputs, random);
    std::vector<float> currents(outputs);
    const SiteCounts counts = make_engine(EngineKind::temporal)->projection(layer)->run(row.data(), 1, currents.data());
    const float scale = scale_for(code, largest(row.data(), inputs));
    const BruteForce brute(code, row.data(), inputs, scale);
    EXPECT_EQ(counts.spikes, brute.spikes);
    EXPECT_EQ(counts.additions, brute.spikes * outputs);
    EXPECT_EQ(counts.macs, static_cast<std::uint64_t>(inputs * outputs));
    for (std::int64_t o = 0; o < outputs; ++o) {
      double sum = 0;
      for (std::int64_t j = 0; j < inputs; ++j) sum += brute.decoded[j] * layer.weight.mantissa[o * inputs + j];
      const double expected = sum * layer.weight.unit[o] * static_cast<double>(scale) + layer.bias[o];
      EXPECT_NEAR(currents[o], expected, 1e-6 * (1.0 + std::abs(expected))) << described(code);
    }
  }
}

TEST(Engines, AgreeBitForBitOnEveryProjection) {
  std::mt19937 random(12);
  for (const Code& code : all_variants()) {
    for (const auto& [inputs, outputs, rows] : {std::tuple{1, 1, 1}, {33, 17, 5}, {64, 96, 3}, {300, 20, 2}}) {
      const SpikingLinear layer = random_layer(outputs, inputs, {code}, random);
      const std::vector<float> membranes = random_rows(rows * inputs, random);
      std::vector<float> temporal(rows * outputs);
      std::vector<float> fused(rows * outputs);
      const SiteCounts a =
          make_engine(EngineKind::temporal)->projection(layer)->run(membranes.data(), rows, temporal.data());
      const SiteCounts b = make_engine(EngineKind::fused)->projection(layer)->run(membranes.data(), rows, fused.data());
      EXPECT_EQ(temporal, fused) << described(code) << " inputs=" << inputs;
      EXPECT_EQ(a, b) << described(code) << " inputs=" << inputs;
    }
  }
}

TEST(Engines, AgreeBitForBitUnderEveryKindOfThreshold) {
  std::mt19937 random(19);
  const std::int64_t inputs = 33;
  for (const Code& code : all_variants()) {
    for (const Population& population : all_populations(code, inputs, random)) {
      const SpikingLinear layer = random_layer(9, inputs, population, random);
      const std::vector<float> membranes = random_rows(3 * inputs, random);
      std::vector<float> temporal(3 * 9);
      std::vector<float> fused(3 * 9);
      const SiteCounts a =
          make_engine(EngineKind::temporal)->projection(layer)->run(membranes.data(), 3, temporal.data());
      const SiteCounts b = make_engine(EngineKind::fused)->projection(layer)->run(membranes.data(), 3, fused.data());
      ASSERT_EQ(temporal, fused) << described(population);
      ASSERT_EQ(a, b) << described(population);
    }
  }
}

TEST(Engines, GroupsSpeakAsPopulationsOfTheirOwnDo) {
  std::mt19937 random(20);
  const Code code{4, 3};
  const std::int64_t inputs = 24;
  std::vector<float> row = random_rows(inputs, random);
  row[0] = 8.0F;  // the loudest; the other groups' largest are then whole gain steps
  row[8] = 4.0F;
  row[16] = 0.5F;
  for (std::int64_t j = 0; j < inputs; ++j) {
    if (j % 8 != 0) row[j] = std::clamp(row[j], -row[j / 8 * 8], row[j / 8 * 8]);
  }
  const SpikingLinear grouped = random_layer(5, inputs, {code, 8, {}, {}}, random);
  std::vector<float> together(5);
  make_engine(EngineKind::fused)->projection(grouped)->run(row.data(), 1, together.data());
  std::vector<double> sum(grouped.bias.begin(), grouped.bias.end());
  for (std::int64_t g = 0; g < 3; ++g) {
    SpikingLinear part{{5, 8, grouped.weight.bits, {}, grouped.weight.unit}, std::vector<double>(5), {code}, {}};
    for (std::int64_t o = 0; o < 5; ++o) {
      const auto first = grouped.weight.mantissa.begin() + o * inputs + g * 8;
      part.weight.mantissa.insert(part.weight.mantissa.end(), first, first + 8);
    }
    std::vector<float> alone(5);
    make_engine(EngineKind::fused)->projection(part)->run(row.data() + g * 8, 1, alone.data());
    for (std::int64_t o = 0; o < 5; ++o) sum[o] += static_cast<double>(alone[o]);
  }
  for (std::int64_t o = 0; o < 5; ++o) EXPECT_NEAR(together[o], sum[o], 1e-5 * (1.0 + std::abs(sum[o])));
}

TEST(Engines, AgreeOnMembranesHalfwayBetweenLevels) {
  std::mt19937 random(13);
  for (const Code& code : all_codes()) {
    if (full_scale(code) > (1 << 16) || !says_nearest_integer(code)) continue;
    const auto scale = static_cast<float>(full_scale(code));
    std::vector<float> ties{scale};  // the largest: one integer step is then exactly 1
    for (int i = 0; i < 200; ++i) ties.push_back(std::floor(scale * static_cast<float>(i) / 200.0F) + 0.5F);
    for (int i = 0; i < 100; ++i) ties.push_back(-ties[i + 1]);
    const auto n = static_cast<std::int64_t>(ties.size());
    for (float& tie : ties) tie = std::clamp(tie, -scale, scale);
    const SpikingLinear layer = random_layer(5, n, {code}, random);
    std::vector<float> temporal(5);
    std::vector<float> fused(5);
    const SiteCounts a = make_engine(EngineKind::temporal)->projection(layer)->run(ties.data(), 1, temporal.data());
    const SiteCounts b = make_engine(EngineKind::fused)->projection(layer)->run(ties.data(), 1, fused.data());
    EXPECT_EQ(temporal, fused) << described(code);
    EXPECT_EQ(a, b) << described(code);
  }
}

TEST(Engines, AgreeBitForBitOnAttentionHoweverTheTextIsSplitAndWhateverTheWindow) {
  std::mt19937 random(14);
  std::size_t turn = 0;
  for (const Code& code : all_variants()) {
    for (const auto& [heads, kv_heads, head_dim, group] :
         {std::tuple{1, 1, 1, 0}, {2, 2, 16, 8}, {4, 2, 7, 5}, {6, 6, 32, 0}}) {
      if (group > 0 && full_scale(code) > (1 << 16)) continue;  // too fine for groups
      AttentionShape shape = attention_shape(heads, kv_heads, head_dim, code, {code, group});
      shape.window = std::vector<std::int64_t>{0, 1, 5, 40}[turn++ % 4];
      const std::int64_t tokens = 41;
      const auto queries = random_rows(tokens * heads * head_dim, random);
      const auto keys = random_rows(tokens * kv_heads * head_dim, random);
      const auto values = random_rows(tokens * kv_heads * head_dim, random);
      const auto temporal = make_engine(EngineKind::temporal);
      const auto fused = make_engine(EngineKind::fused);
      const Attended whole = attend(*temporal, shape, queries, keys, values, {tokens});
      for (const std::vector<std::int64_t>& blocks : {std::vector<std::int64_t>{41}, {1, 16, 15, 1, 8}, {40, 1}}) {
        const Attended split = attend(*fused, shape, queries, keys, values, blocks);
        EXPECT_EQ(whole.mixed, split.mixed) << described(code) << " head_dim=" << head_dim;
        EXPECT_EQ(whole.counts.scores, split.counts.scores);
        EXPECT_EQ(whole.counts.mix, split.counts.mix);
      }
    }
  }
}

TEST(Engines, AWindowIsWhatAShorterTextSees) {
  std::mt19937 random(16);
  const std::int64_t tokens = 50, window = 37;
  AttentionShape shape = attention_shape(4, 2, 8, Code{8, 2}, {Code{8, 2}});
  const auto queries = random_rows(tokens * 32, random);
  const auto keys = random_rows(tokens * 16, random);
  const auto values = random_rows(tokens * 16, random);
  const auto tail = [&](const std::vector<float>& rows, std::int64_t width) {
    return std::vector<float>(rows.end() - window * width, rows.end());
  };
  const auto last = [](const Attended& attended) {
    return std::vector<float>(attended.mixed.end() - 32, attended.mixed.end());
  };
  for (const EngineKind kind : {EngineKind::temporal, EngineKind::fused}) {
    const auto engine = make_engine(kind);
    shape.window = 0;
    const Attended alone = attend(*engine, shape, tail(queries, 32), tail(keys, 16), tail(values, 16), {window});
    const Attended whole = attend(*engine, shape, queries, keys, values, {tokens});
    shape.window = window;
    const Attended windowed = attend(*engine, shape, queries, keys, values, {tokens});
    EXPECT_EQ(last(windowed), last(alone));
    EXPECT_NE(last(windowed), last(whole));
  }
}

TEST(Engines, AttendAsTheSoftmaxDoesWhenStepsAreMany) {
  std::mt19937 random(15);
  const Code code{16, 2};
  const AttentionShape shape = attention_shape(2, 1, 8, code, {code});
  const std::int64_t tokens = 9;
  std::vector<float> queries = random_rows(tokens * 16, random);
  const std::vector<float> keys = random_rows(tokens * 8, random);
  const std::vector<float> values = random_rows(tokens * 8, random);
  const Attended spiking = attend(*make_engine(EngineKind::fused), shape, queries, keys, values, {tokens});
  for (std::int64_t r = 0; r < tokens; ++r) {
    for (std::int64_t head = 0; head < 2; ++head) {
      std::vector<double> score(r + 1);
      double top = -1e300;
      for (std::int64_t key = 0; key <= r; ++key) {
        for (int d = 0; d < 8; ++d)
          score[key] += static_cast<double>(queries[r * 16 + head * 8 + d]) * keys[key * 8 + d];
        score[key] *= shape.scale;
        top = std::max(top, score[key]);
      }
      double sum = 0;
      for (double& s : score) sum += s = std::exp(s - top);
      for (int d = 0; d < 8; ++d) {
        double expected = 0;
        for (std::int64_t key = 0; key <= r; ++key) expected += score[key] / sum * values[key * 8 + d];
        EXPECT_NEAR(spiking.mixed[r * 16 + head * 8 + d], expected, 2e-3 * (1 + std::abs(expected)));
      }
    }
  }
}

TEST(Engines, GroupsOfTokensKeepTheTailOfTheSoftmax) {
  std::mt19937 random(23);
  const std::int64_t tokens = 64;
  const std::vector<float> queries = random_rows(tokens * 16, random);
  const std::vector<float> keys = random_rows(tokens * 16, random);
  const std::vector<float> values = random_rows(tokens * 16, random);
  const auto mixed = [&](const Population& weights) {
    return attend(*make_engine(EngineKind::fused), attention_shape(1, 1, 16, weights.code, weights), queries, keys,
                  values, {tokens})
        .mixed;
  };
  const auto distance = [](const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - b[i], 2);
    return sum;
  };
  AttentionShape exact = attention_shape(1, 1, 16, Code{3, 3}, {Code{3, 3}});
  exact.weights.code = {12, 3};
  exact.value_bits = 20;
  exact.value_exponent = {7 - 20};
  const std::vector<float> reference =
      attend(*make_engine(EngineKind::fused), exact, queries, keys, values, {tokens}).mixed;
  EXPECT_LT(distance(mixed({Code{3, 3}, 8}), reference), 0.5 * distance(mixed({Code{3, 3}}), reference));
}

TEST(Engines, RowsOfABatchAndThreadsDoNotChangeAResult) {
  std::mt19937 random(16);
  const Code code{8, 2};
  const SpikingLinear layer = random_layer(70, 50, {code}, random);
  const std::vector<float> membranes = random_rows(37 * 50, random);
  for (const EngineKind kind : {EngineKind::temporal, EngineKind::fused}) {
    const auto projection = make_engine(kind)->projection(layer);
    std::vector<float> together(37 * 70);
    at::set_num_threads(2);
    const SiteCounts counts = projection->run(membranes.data(), 37, together.data());
    at::set_num_threads(1);
    std::vector<float> alone(37 * 70);
    SiteCounts summed;
    for (int r = 0; r < 37; ++r) summed += projection->run(membranes.data() + r * 50, 1, alone.data() + r * 70);
    at::set_num_threads(2);
    EXPECT_EQ(together, alone);
    EXPECT_EQ(counts, summed);
  }
}

TEST(Engines, SilentRowsGiveTheBiasAndNoSpikes) {
  std::mt19937 random(17);
  const Code code{8, 2};
  const SpikingLinear layer = random_layer(4, 6, {code}, random);
  const std::vector<float> zeros(6);
  for (const EngineKind kind : {EngineKind::temporal, EngineKind::fused}) {
    std::vector<float> currents(4);
    const SiteCounts counts = make_engine(kind)->projection(layer)->run(zeros.data(), 1, currents.data());
    EXPECT_EQ(counts.spikes, 0U);
    EXPECT_EQ(counts.silent, 6U);
    for (int o = 0; o < 4; ++o) EXPECT_EQ(currents[o], static_cast<float>(layer.bias[o]));
  }
}

TEST(Engines, RefuseMembranesThatAreNotFinite) {
  std::mt19937 random(18);
  const SpikingLinear layer = random_layer(4, 6, {{8, 2}}, random);
  for (const float bad : {std::nanf(""), HUGE_VALF}) {
    const std::vector<float> row{0, 1, bad, 0, 0, 0};
    for (const EngineKind kind : {EngineKind::temporal, EngineKind::fused}) {
      std::vector<float> currents(4);
      EXPECT_THROW(make_engine(kind)->projection(layer)->run(row.data(), 1, currents.data()), Error);
    }
  }
}

}  // namespace
}  // namespace stac::snn
