// What the fused engine's ledger is said to imply, against what the temporal engine really does, one by one.
#include "stac/energy/spike_work.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <tuple>

#include "stac/energy/contender.hpp"
#include "stac/snn/spiking_model.hpp"
#include "stac/snn/temporal_probe.hpp"
#include "support/random_transformer.hpp"

namespace stac::energy {
namespace {

using snn::Site;
using snn::SiteId;
using snn::SpikeWork;
using testing::RandomTransformer;

std::string described(const SpikeWork& work) {
  std::string text;
  for (const std::uint64_t count :
       {work.additions, work.membrane_updates, work.comparisons, work.resets, work.maxima, work.gains, work.trials,
        work.scalings, work.profile_scalings, work.weighings, work.group_scalings, work.read_outs, work.weights_read}) {
    text += std::to_string(count) + " ";
  }
  return text;
}

/// Adds up what it is told, and counts spikes and membranes for itself.
class Counter : public snn::TemporalProbe {
 public:
  void gain(const snn::WindowPlace&, std::int64_t, float) override {}
  void spike(const snn::WindowPlace& where, int, int sign) override {
    EXPECT_EQ(std::abs(sign), 1);
    ++spikes[where.site];
    spiked.insert({where.site, where.row, where.head, where.neuron});
  }
  void membrane(const snn::WindowPlace& where, int, double before, double after, double level) override {
    ++membranes[where.site];
    EXPECT_TRUE(before == after || std::abs(before) >= level);  // only a neuron that fires is reset
  }
  void work(SiteId site, const SpikeWork& work) override { works[site] += work; }

  std::map<SiteId, std::uint64_t> spikes, membranes;
  std::map<SiteId, SpikeWork> works;
  std::set<std::tuple<SiteId, std::int64_t, std::int64_t, std::int64_t>> spiked;  ///< site, row, head, neuron
};

std::vector<std::int64_t> random_ids(std::int64_t n, std::int64_t vocab, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 0; i < n; ++i) ids.push_back(static_cast<std::int64_t>(random() % vocab));
  return ids;
}

snn::Ledger read(const RandomTransformer& m, const snn::Plan& plan, std::unique_ptr<snn::Engine> engine,
                 const TextsRead& texts) {
  snn::SpikingSequence sequence(
      std::make_shared<snn::SpikingTransformer>(m.config, m.weights, plan, std::move(engine)));
  unsigned seed = 1;
  for (const std::int64_t length : texts.lengths) {
    sequence.append(random_ids(length, m.config.vocab_size, seed++), model::LogitRows::all);
    sequence.reset();
  }
  return sequence.ledger();
}

void expect_equal_work(const RandomTransformer& m, const snn::Plan& plan, const TextsRead& texts) {
  Counter counter;
  const snn::Ledger temporal = read(m, plan, snn::make_temporal_engine(counter), texts);
  const snn::Ledger fused = read(m, plan, snn::make_engine(snn::EngineKind::fused), texts);
  EXPECT_EQ(temporal, fused);
  const SpikingRun run{m.config, plan, fused, texts};
  snn::for_each_site(m.config.layers, [&](std::int64_t layer, Site site) {
    const SiteId where{layer, site};
    const SpikeWork derived = site_work(run, where), counted = counter.works[where];
    EXPECT_EQ(derived, counted) << snn::site_name(site) << " of layer " << layer << " "
                                << snn::code_text(plan.at(layer, site).code) << "\n  derived " << described(derived)
                                << "\n  counted " << described(counted);
    EXPECT_EQ(counter.spikes[where], derived.resets);
    EXPECT_EQ(counter.membranes[where], derived.membrane_updates);
  });
}

std::vector<snn::Code> codes() {
  std::vector<snn::Code> all{{1, 2},
                             {8, 2},
                             {4, 3},
                             {5, 3},
                             {28, 2},
                             {4, 2, snn::CodeKind::rate},
                             {16, 2, snn::CodeKind::rate},
                             {6, 2, snn::CodeKind::lif, 4.0},
                             {.timesteps = 6, .kind = snn::CodeKind::rate, .reset = snn::Reset::hard},
                             {.timesteps = 6, .polarity = snn::Polarity::excitatory}};
  all.push_back({.timesteps = 8, .spike_budget = 2, .dead_zone = 0.02, .headroom = 1.5});
  return all;
}

TEST(SpikeWork, OfGpt2IsWhatTheTemporalEngineCountsForEveryCode) {
  const RandomTransformer m = testing::random_transformer({.activation = model::Activation::relu});
  for (const snn::Code& code : codes()) expect_equal_work(m, snn::Plan(m.config.layers, {code}), {{17, 5}});
}

TEST(SpikeWork, OfLlamaWithGroupedHeadsAndAWindowIsWhatTheTemporalEngineCountsForEveryCode) {
  const RandomTransformer m = testing::random_llama({.sliding_window = 6, .first_windowed_layer = 1});
  for (const snn::Code& code : codes()) expect_equal_work(m, snn::Plan(m.config.layers, {code}), {{3, 19}});
}

TEST(SpikeWork, IsCountedAlikeWhereEverySiteSpeaksDifferently) {
  const RandomTransformer m = testing::random_transformer({});
  snn::Plan plan(m.config.layers, {});
  int turn = 0;
  snn::for_each_site(m.config.layers, [&](std::int64_t layer, Site site) {
    snn::Population& population = plan.at(layer, site);
    population.code = {3 + turn % 5, 2 + turn % 2};
    if (site != Site::scores && turn % 3 != 1) population.group = 5;  // the last group is smaller
    if (site == Site::down) population.profile.assign(m.config.intermediate_size, 0.5F);
    if (site == Site::scores) population.full_scale.assign(m.config.heads, 3.0F);
    if (site == Site::up && layer == 1) population.full_scale.assign(snn::group_count(population, 32), 2.0F);
    ++turn;
  });
  expect_equal_work(m, plan, {{23}});
}

TEST(SpikeWork, IsCountedAlikeWhereGainsAreTried) {
  for (const RandomTransformer& m : {testing::random_transformer({}), testing::random_llama({.sliding_window = 6})}) {
    snn::Plan plan(m.config.layers, {{3, 3}, 4});  // the softmax's first rows are one group
    for (std::int64_t layer = 0; layer < m.config.layers; ++layer) plan.at(layer, Site::scores).group = 0;
    ASSERT_GT(snn::gains_tried(plan.at(0, Site::mix)), 0);
    expect_equal_work(m, plan, {{9}});
  }
}

// What every spike does is counted in the weights' matrices, not from the ledger: each input adds its column once per
// spike, so a probe that sees the spikes knows the additions.
TEST(SpikeWork, AdditionsAreTheFanOutOfEverySpikeSeen) {
  const RandomTransformer m = testing::random_transformer({});
  Counter counter;
  const snn::Plan plan(m.config.layers, {{8, 2}});
  read(m, plan, snn::make_temporal_engine(counter), {{12}});
  for (std::int64_t layer = 0; layer < m.config.layers; ++layer) {
    for (const Site site : snn::kBlockProjections) {
      const auto fan_out = static_cast<std::uint64_t>(outputs_of(m.config, site));
      EXPECT_EQ(counter.works[(SiteId{layer, site})].additions, counter.spikes[(SiteId{layer, site})] * fan_out);
    }
  }
}

// Which windows had a spike is seen by the probe; what each of them reads is counted here from the shape.
TEST(SpikeWork, ASilentNeuronReadsNothingAndASpikingOneWhatItWeighsOnce) {
  const RandomTransformer m = testing::random_llama({.sliding_window = 6, .first_windowed_layer = 1});
  Counter counter;
  const snn::Plan plan(m.config.layers, {{.timesteps = 4, .dead_zone = 0.2}});
  read(m, plan, snn::make_temporal_engine(counter), {{19}});
  std::map<SiteId, std::uint64_t> expected;
  for (const auto& [where, row, head, neuron] : counter.spiked) {
    std::int64_t reads = where.layer == 1 ? std::min<std::int64_t>(row + 1, 6) : row + 1;  // keys of one channel
    if (where.site == Site::mix) reads = m.config.head_dim;
    if (where.site != Site::mix && where.site != Site::scores) reads = outputs_of(m.config, where.site);
    expected[where] += static_cast<std::uint64_t>(reads);
  }
  snn::for_each_site(m.config.layers, [&](std::int64_t layer, Site site) {
    const SiteId where{layer, site};
    EXPECT_EQ(counter.works[where].weights_read, expected[where]) << snn::site_name(site) << " of layer " << layer;
    const SiteShape shape = site_shape(m.config, where, plan.at(layer, site), {{19}});
    EXPECT_LT(expected[where], shape.macs) << "none was silent: " << snn::site_name(site);
  });
}

}  // namespace
}  // namespace stac::energy
