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
    std::vector<std::int32_t> mantissas;
    for (std::int64_t i = 0; i < 5 * 8; ++i)
      mantissas.push_back(grouped.weight.mantissa[i / 8 * inputs + g * 8 + i % 8]);
    part.weight.mantissa = std::move(mantissas);
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
