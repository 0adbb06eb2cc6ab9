#include "stac/energy/contender.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

#include "energy/energy_test_support.hpp"
#include "stac/error.hpp"

namespace stac::energy {
namespace {

// Per layer 33 additions, 12 windows of 3 steps, 10 spikes, 6 rows (one token's, in each of 6 sites), 16 targets; the
// head adds 16, 2, 4, 1 and 4.
TEST(SpikingContender, CostsThePicojoulesThatAreWorkedOutByHand) {
  const SmallRun small;
  const Contender spikes = spiking_contender(round_prices(), small.run());
  EXPECT_DOUBLE_EQ(spikes.of(Part::products), 2 * 33 + 16);
  EXPECT_DOUBLE_EQ(spikes.of(Part::neurons), 78 * 0.125 + 78 * 0.125 + 24 * 1.0);
  const double cached = 8;  // keys and values of two layers, two channels each, are rounded by a shift
  EXPECT_DOUBLE_EQ(spikes.of(Part::encoding), 26 * 0.125 + 13 * 10.0 + 26 * 3.0 + cached * 0.125);
  EXPECT_DOUBLE_EQ(spikes.of(Part::currents), 3 * 36 * (0.125 + 1.0) + 36 * (3.0 + 1.0));
  const double norm = 6 * 1.0 + 4 * 3.0 + 10.0 + 10.0, softmax = 0.125 + 2.0 + 20.0 + 10.0;
  EXPECT_DOUBLE_EQ(spikes.of(Part::non_spiking), 5 * norm + 2 * softmax + 6 * 0.125 + 8 * 1.0 + 2 * 1.0);
  EXPECT_DOUBLE_EQ(spikes.of(Part::weights), (2 * 21 + 8) * 4 + 30 * 4);  // weights of inputs that spike, and biases
  EXPECT_DOUBLE_EQ(spikes.of(Part::cache), 8 * 4 + 2 * (1 + 2) * 4);      // of the two query channels one is silent
  EXPECT_DOUBLE_EQ(spikes.of(Part::spikes), 24 * 2 * 4);
  EXPECT_DOUBLE_EQ(spikes.of(Part::membranes), (78 + 108) * 2 * 4);
  EXPECT_DOUBLE_EQ(spikes.of(Part::activations), (26 + 36) * 4);
  EXPECT_DOUBLE_EQ(spikes.compute(), 868.25);
  EXPECT_DOUBLE_EQ(spikes.with_memory(), 868.25 + 2304);
}

TEST(SpikingContender, AddsIntegersBehindInt8WeightsButNotInAttention) {
  const Contender spikes = spiking_contender(round_prices(), SmallRun().run(true));
  EXPECT_DOUBLE_EQ(spikes.products(), 76 * 0.25 + 6 * 1.0);
  EXPECT_DOUBLE_EQ(spikes.of(Part::weights), (2 * 21 + 8) * 1 + 30 * 8);  // a scale beside every bias
}

TEST(SpikingContender, ReadsABytesCacheWithItsStepsAndScalesScoresOnceAndShiftsValuesEachTime) {
  SmallRun small;
  const Contender wide = spiking_contender(round_prices(), small.run());
  small.config.storage.cache = model::CacheFormat::int8;
  const Contender bytes = spiking_contender(round_prices(), small.run());
  const double written = 8 + 4 * 2, keys = 1 + 2, values = 2 + 2;  // a step takes two bytes
  EXPECT_DOUBLE_EQ(bytes.of(Part::cache), written + 2 * (keys + values));
  EXPECT_DOUBLE_EQ(bytes.of(Part::encoding), wide.of(Part::encoding) + 8 * 0.125 + (4 + 2) * 10.0 + 4 * 0.125);
  EXPECT_DOUBLE_EQ(bytes.of(Part::currents), wide.of(Part::currents) + 2 * 3.0 + 2 * 2 * 0.125);
  EXPECT_DOUBLE_EQ(bytes.products(), wide.products());
  const EnergyModel tiered("tiered", "Tiered", round_prices().operations(),
                           {{"small", 15, 1.0, "made up"}, {"large", 0, 100.0, "made up"}});
  EXPECT_DOUBLE_EQ(spiking_contender(tiered, small.run()).of(Part::cache), 100.0 * bytes.of(Part::cache))
      << "8 numbers and 4 steps do not fit";
  small.config.storage.cache = model::CacheFormat::f16;
  EXPECT_DOUBLE_EQ(spiking_contender(round_prices(), small.run()).of(Part::cache), wide.of(Part::cache) / 2);
}

TEST(SpikingContender, OnAChipABytesCacheTakesItsArithmeticAndNoMemory) {
  EnergyModel::Operations operations = round_prices().operations();
  for (const char* const name :
       {"synaptic_operation", "neuron_update_active", "neuron_update_inactive", "spike_delivery", "spike_hop"}) {
    operations[name] = {1.0, "made up"};
  }
  const EnergyModel chip("chip", "Chip", operations, {{"a memory", 0, 1.0, "made up"}});
  SmallRun small;
  const Contender wide = spiking_contender(chip, small.run());
  small.config.storage.cache = model::CacheFormat::int8;
  const Contender bytes = spiking_contender(chip, small.run());
  EXPECT_DOUBLE_EQ(bytes.compute() - wide.compute(), 8 * 0.125 + 6 * 10.0 + 4 * 0.125 + 2 * 3.0 + 4 * 0.125);
  EXPECT_DOUBLE_EQ(bytes.of(Part::cache), 0.0);
}

TEST(SpikingContender, SitesComputeWhatIsLeftWithoutTheNonSpikingAndTheCachesGrid) {
  const SmallRun small;
  for (const bool int8_weights : {false, true}) {
    double sites = 0.0;
    snn::for_each_site(2, [&](std::int64_t layer, snn::Site site) {
      sites += site_compute(round_prices(), small.run(int8_weights), {layer, site});
    });
    const Contender whole = spiking_contender(round_prices(), small.run(int8_weights));
    EXPECT_DOUBLE_EQ(sites, whole.compute() - whole.of(Part::non_spiking) - 8 * 0.125);
  }
}

TEST(DenseContender, CostsThePicojoulesThatAreWorkedOutByHand) {
  const SmallRun small;
  const Contender f32 = dense_contender(round_prices(), DenseType::f32, small.run());
  EXPECT_DOUBLE_EQ(f32.products(), 72 * 4.0);
  EXPECT_DOUBLE_EQ(f32.of(Part::currents), 26 * 1.0 + 4 * 3.0);  // biases; the softmax's division
  EXPECT_DOUBLE_EQ(f32.compute(), 288 + 38 + 265);
  EXPECT_DOUBLE_EQ(f32.of(Part::weights), 64 * 4 + 26 * 4);
  EXPECT_DOUBLE_EQ(f32.with_memory(), 591 + 360 + 64 + 248);
  const Contender int8 = dense_contender(round_prices(), DenseType::int8, small.run());
  EXPECT_DOUBLE_EQ(int8.products(), 72 * 0.75);
  EXPECT_DOUBLE_EQ(int8.of(Part::weights), 64 * 1 + 26 * 8 + 4 * 4);
  EXPECT_DOUBLE_EQ(int8.of(Part::cache), 8 + 8);
}

TEST(ZeroSkipping, MultipliesAndReadsWhatIsNotZeroAlone) {
  const SmallRun small;
  KeptMacs kept;
  snn::for_each_site(2, [&](std::int64_t layer, snn::Site site) { kept[{layer, site}] = 1; });
  const Contender int8 = zero_skipping_contender(round_prices(), small.run(), kept);
  EXPECT_DOUBLE_EQ(int8.products(), 13 * 0.75);
  EXPECT_DOUBLE_EQ(int8.of(Part::weights), 9 * 1 + 26 * 8 + 4 * 4);
  EXPECT_DOUBLE_EQ(int8.of(Part::cache), 8 + 2 * (1 + 1));
}

TEST(Contenders, TheirPartsAndTheirLinesSumToTheirTotals) {
  const SmallRun small;
  for (const Contender& contender :
       {spiking_contender(round_prices(), small.run()), spiking_contender(round_prices(), small.run(true)),
        dense_contender(round_prices(), DenseType::f32, small.run()),
        dense_contender(round_prices(), DenseType::int8, small.run())}) {
    const double lines = std::accumulate(contender.lines.begin(), contender.lines.end(), 0.0,
                                         [](double sum, const Line& line) { return sum + line.picojoules; });
    double parts = 0.0, memory = 0.0;
    for (const Part part : kParts) (is_memory(part) ? memory : parts) += contender.of(part);
    EXPECT_NEAR(contender.with_memory(), lines, 1e-9 * lines) << contender.name;
    EXPECT_NEAR(contender.compute(), parts, 1e-9 * lines) << contender.name;
    EXPECT_NEAR(contender.with_memory() - contender.compute(), memory, 1e-9 * lines) << contender.name;
  }
}

TEST(SpikingContender, PaysFullPriceForProductsThatNoSpikeDrives) {
  SmallRun small;
  small.ledger.add_demand(10);
  EXPECT_DOUBLE_EQ(spiking_contender(round_prices(), small.run()).products(), 82 + 10 * 4.0);
}

TEST(SpikingContender, RefusesALedgerOfOtherTexts) {
  SmallRun small;
  small.texts.lengths = {2};
  EXPECT_THROW(static_cast<void>(spiking_contender(round_prices(), small.run())), std::logic_error);
}

TEST(SpikingContender, ANeuromorphicChipHasOnePriceForAnAdditionAndItsMemory) {
  EnergyModel::Operations operations = round_prices().operations();
  operations["synaptic_operation"] = {5.0, "made up"};
  operations["neuron_update_active"] = {2.0, "made up"};
  operations["neuron_update_inactive"] = {1.0, "made up"};
  operations["spike_delivery"] = {0.5, "made up"};
  operations["spike_hop"] = {0.25, "made up"};
  const EnergyModel chip("chip", "Chip", operations, {{"a memory", 0, 1.0, "made up"}});
  const Contender spikes = spiking_contender(chip, SmallRun().run());
  EXPECT_DOUBLE_EQ(spikes.products(), 82 * 5.0);
  const double silent = 2 * 4;  // windows
  EXPECT_DOUBLE_EQ(spikes.of(Part::neurons), 3 * ((26 - silent) * 2.0 + silent * 1.0));
  EXPECT_DOUBLE_EQ(spikes.of(Part::spikes), 24 * 0.75);
  EXPECT_EQ(spikes.of(Part::weights) + spikes.of(Part::membranes) + spikes.of(Part::cache), 0.0);
}

TEST(SpikingContender, AGainOfAGroupTakesAnAdditionForEachOfItsBitsOrAMultiply) {
  const auto currents = [](const snn::Code& code, bool int8_weights) {
    SmallRun small;
    small.plan = snn::Plan(2, {code});
    const double ungrouped = spiking_contender(round_prices(), small.run(int8_weights)).of(Part::currents);
    small.plan.at(0, snn::Site::down).group = 2;  // 3 inputs: two groups with a current to each of 2 targets
    const double weighings = small.plan.at(0, snn::Site::down).code.timesteps * 2 *
                             (0.125 + (int8_weights ? 0.25 : 1.0) * (code.base == 3 ? 2 : 1));
    return spiking_contender(round_prices(), small.run(int8_weights)).of(Part::currents) - ungrouped - weighings;
  };
  EXPECT_DOUBLE_EQ(currents({3, 2}, true), 4 * 6 * 0.25);  // 7 levels: gains up to 64
  EXPECT_DOUBLE_EQ(currents({4, 3}, true), 4 * 5 * 0.25);  // 40: up to 32
  EXPECT_DOUBLE_EQ(currents({8, 2}, true), 4 * 4 * 0.25);  // 255: up to 16
  EXPECT_DOUBLE_EQ(currents({8, 2}, false), 4 * 3.0);
}

TEST(SpikingContender, EveryCodeUpdatesItsMembranesInItsOwnWay) {
  EnergyModel::Operations operations = round_prices().operations();
  operations["int32_multiply"] = {7.0, "made up"};
  const EnergyModel prices("round", "Round", operations, {{"a memory", 0, 1.0, "made up"}});
  const auto neurons = [&](const snn::Code& code) {
    SmallRun small;
    small.plan = snn::Plan(2, {code});
    return spiking_contender(prices, small.run()).of(Part::neurons) - 78 * 0.125 - 24;  // comparisons, resets
  };
  EXPECT_DOUBLE_EQ(neurons({3, 2}), 78 * 0.125);
  EXPECT_DOUBLE_EQ(neurons({3, 3}), 78 * 1.125);
  EXPECT_DOUBLE_EQ(neurons({3, 2, snn::CodeKind::rate}), 78 * 1.0);
  EXPECT_DOUBLE_EQ(neurons({3, 2, snn::CodeKind::lif}), 78 * 4.0);
}

}  // namespace
}  // namespace stac::energy
