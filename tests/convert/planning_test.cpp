#include "stac/convert/planning.hpp"

#include <gtest/gtest.h>

#include "convert_test_support.hpp"
#include "support/random_transformer.hpp"

namespace stac::convert {
namespace {

using snn::Polarity;
using snn::Site;

snn::Plan plan_for(const model::TransformerConfig& network, bool unsigned_spikes) {
  return plain_plan(resolved({.unsigned_spikes = unsigned_spikes}), network);
}

TEST(Planning, GivesUnsignedSpikesToTheSoftmaxAndToWhatReluLetsThrough) {
  for (const model::Activation activation : {model::Activation::gelu_tanh, model::Activation::relu}) {
    const auto m = stac::testing::random_transformer({.activation = activation});
    const snn::Plan plan = plan_for(m.config, true);
    snn::for_each_site(m.config.layers, [&](std::int64_t layer, Site site) {
      const bool expected = site == Site::mix || (site == Site::down && activation == model::Activation::relu);
      EXPECT_EQ(plan.at(layer, site).code.polarity == Polarity::excitatory, expected) << snn::site_name(site);
    });
  }
}

TEST(Planning, UnsignedSpikesSayTheSameNumbersWithMoreSpikes) {
  const auto m = stac::testing::random_transformer({.activation = model::Activation::relu});
  const auto logits = [&](bool unsigned_spikes, snn::Ledger& ledger) {
    const auto network =
        spiking_model(m.config, m.weights, plan_for(m.config, unsigned_spikes), snn::EngineKind::temporal);
    const auto sequence = network->start_spiking();
    const at::Tensor result =
        sequence->append(std::vector<std::int64_t>{3, 1, 4, 1, 5, 9, 2, 6}, model::LogitRows::all);
    ledger += sequence->ledger();
    return result;
  };
  snn::Ledger both(m.config.layers), excitatory(m.config.layers);
  EXPECT_TRUE(at::equal(logits(false, both), logits(true, excitatory)));
  EXPECT_GT(excitatory.counts(0, Site::down).spikes, both.counts(0, Site::down).spikes);
  EXPECT_EQ(excitatory.counts(0, Site::up), both.counts(0, Site::up));
}

TEST(Planning, RefusesUnsignedSpikesWhereThereAreNone) {
  EXPECT_THROW(require_valid({.code = {8, 3}, .unsigned_spikes = true}), UsageError);
  EXPECT_THROW(require_valid({.code = {8, 2, snn::CodeKind::rate}, .unsigned_spikes = true}), UsageError);
  EXPECT_THROW(require_valid({.unsigned_spikes = true, .goal = AllocationGoal{1.01, Minimise::timesteps}}), UsageError);
  EXPECT_NO_THROW(require_valid({.unsigned_spikes = true, .goal = AllocationGoal{1.01, Minimise::spikes}}));
}

}  // namespace
}  // namespace stac::convert
