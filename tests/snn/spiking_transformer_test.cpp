#include "stac/snn/spiking_transformer.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <random>

#include "stac/error.hpp"
#include "stac/model/dense_model.hpp"
#include "stac/snn/spiking_model.hpp"
#include "support/random_transformer.hpp"

namespace stac::snn {
namespace {

using model::LogitRows;
using testing::random_transformer;
using testing::RandomTransformer;

std::vector<std::int64_t> random_ids(std::int64_t n, std::int64_t vocab, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::int64_t> id(0, vocab - 1);
  std::vector<std::int64_t> ids(n);
  for (std::int64_t& value : ids) value = id(random);
  return ids;
}

std::shared_ptr<const SpikingTransformer> network(const RandomTransformer& m, EngineKind kind, const Code& code) {
  return std::make_shared<SpikingTransformer>(m.config, m.weights, Plan(m.config.layers, {code}), make_engine(kind));
}

// Logits of a text read in blocks.
at::Tensor read(const std::shared_ptr<const SpikingTransformer>& net, const std::vector<std::int64_t>& ids,
                const std::vector<std::int64_t>& blocks, Ledger* ledger = nullptr) {
  SpikingSequence sequence(net);
  std::vector<at::Tensor> logits;
  std::int64_t first = 0;
  for (const std::int64_t n : blocks) {
    logits.push_back(sequence.append(std::span(ids).subspan(first, n), LogitRows::all));
    first += n;
  }
  if (ledger) *ledger = sequence.ledger();
  return at::cat(logits);
}

// A plan in which every site speaks differently.
Plan mixed_plan(const RandomTransformer& m) {
  Plan plan(m.config.layers, {});
  int turn = 0;
  for_each_site(m.config.layers, [&](std::int64_t layer, Site site) {
    Population& population = plan.at(layer, site);
    population.code = {3 + turn % 5, 2 + turn % 2};
    population.code.headroom = 1.0 + 0.25 * (turn % 3);
    if (site != Site::scores && turn % 3 == 1) population.group = 8;
    if (site == Site::down) population.profile.assign(m.config.intermediate_size, 0.5F);
    if (site == Site::scores) population.full_scale.assign(m.config.heads, 3.0F);
    if (turn % 7 == 0) population.code.spike_budget = 2;
    ++turn;
  });
  return plan;
}

TEST(SpikingTransformer, EnginesAgreeBitForBitWhenEverySiteSpeaksDifferently) {
  const RandomTransformer m = random_transformer({});
  const auto ids = random_ids(29, m.config.vocab_size, 31);
  Ledger temporal_ledger(m.config.layers);
  Ledger fused_ledger(m.config.layers);
  const auto net = [&](EngineKind kind) {
    return std::make_shared<SpikingTransformer>(m.config, m.weights, mixed_plan(m), make_engine(kind));
  };
  const at::Tensor temporal = read(net(EngineKind::temporal), ids, {29}, &temporal_ledger);
  EXPECT_TRUE(at::equal(temporal, read(net(EngineKind::fused), ids, {17, 12}, &fused_ledger)));
  EXPECT_EQ(temporal_ledger, fused_ledger);
}

TEST(SpikingTransformer, ProfilesChangeRoundingAndNothingElse) {
  const RandomTransformer m = random_transformer({});
  const auto ids = random_ids(20, m.config.vocab_size, 32);
  Plan plan(m.config.layers, {{20, 2}});
  for (std::int64_t layer = 0; layer < m.config.layers; ++layer) {
    for (const Site site : {Site::query_key_value, Site::up}) {
      std::vector<float>& profile = plan.at(layer, site).profile;
      for (std::int64_t j = 0; j < m.config.hidden_size; ++j)
        profile.push_back(0.2F + 0.1F * static_cast<float>(j % 9));
    }
  }
  const auto net = std::make_shared<SpikingTransformer>(m.config, m.weights, plan, make_engine(EngineKind::fused));
  const at::Tensor dense = testing::dense_logits(m, ids);
  EXPECT_LT(((read(net, ids, {20}) - dense).norm() / dense.norm()).item<double>(), 1e-4);
}

TEST(SpikingTransformer, RefusesAPlanThatDoesNotFit) {
  const RandomTransformer m = random_transformer({});
  Plan plan(m.config.layers, {});
  plan.at(0, Site::up).profile.assign(m.config.hidden_size + 1, 1.0F);
  EXPECT_THROW(SpikingTransformer(m.config, m.weights, plan, make_engine(EngineKind::fused)), UsageError);
}

class EveryTimestepsAndBase : public ::testing::TestWithParam<std::tuple<int, int>> {};

TEST_P(EveryTimestepsAndBase, EnginesAgreeBitForBitFreeRunningOverWholeTexts) {
  const Code code{std::get<0>(GetParam()), std::get<1>(GetParam())};
  for (const model::Activation activation : {model::Activation::gelu_tanh, model::Activation::relu}) {
    const RandomTransformer m = random_transformer({.activation = activation});
    const auto ids = random_ids(29, m.config.vocab_size, 21);
    Ledger temporal_ledger(m.config.layers);
    Ledger fused_ledger(m.config.layers);
    const at::Tensor temporal = read(network(m, EngineKind::temporal, code), ids, {29}, &temporal_ledger);
    const at::Tensor fused = read(network(m, EngineKind::fused, code), ids, {29}, &fused_ledger);
    EXPECT_TRUE(at::equal(temporal, fused));
    EXPECT_EQ(temporal_ledger, fused_ledger);
    EXPECT_EQ(fused_ledger.coverage(), 1.0);
  }
}

TEST_P(EveryTimestepsAndBase, SplitsOfATextDoNotChangeALogit) {
  const Code code{std::get<0>(GetParam()), std::get<1>(GetParam())};
  const RandomTransformer m = random_transformer({});
  const auto net = network(m, EngineKind::fused, code);
  const auto ids = random_ids(40, m.config.vocab_size, 22);
  const at::Tensor whole = read(net, ids, {40});
  EXPECT_TRUE(at::equal(whole, read(net, ids, std::vector<std::int64_t>(40, 1))));
  EXPECT_TRUE(at::equal(whole, read(net, ids, {17, 1, 5, 17})));
}

INSTANTIATE_TEST_SUITE_P(Codes, EveryTimestepsAndBase,
                         ::testing::Combine(::testing::Values(1, 2, 3, 4, 5, 8, 12, 16), ::testing::Values(2, 3)));

// One of the first texts is most of the work; of the others threads take one each.
TEST(SpikingTransformer, RowsOfABatchGetWhatTheyGetAlone) {
  at::set_num_threads(2);
  const RandomTransformer m = random_transformer({});
  for (const EngineKind kind : {EngineKind::temporal, EngineKind::fused}) {
    for (const std::vector<std::int64_t>& lengths :
         {std::vector<std::int64_t>{3, 11, 1, 7}, std::vector<std::int64_t>{5, 6, 5, 4, 6, 5, 6, 4, 5}}) {
      const auto net = network(m, kind, {8, 2});
      std::vector<SequenceState> states;
      std::vector<std::vector<std::int64_t>> texts;
      for (const std::int64_t n : lengths) {
        texts.push_back(random_ids(n, m.config.vocab_size, static_cast<unsigned>(n + 17 * texts.size())));
        states.push_back(net->new_state());
      }
      std::vector<SequenceInput> inputs;
      for (std::size_t i = 0; i < texts.size(); ++i) inputs.push_back({texts[i], &states[i]});
      Ledger together(m.config.layers);
      const at::Tensor batch = net->forward(inputs, LogitRows::all, together);
      Ledger summed(m.config.layers);
      std::vector<at::Tensor> alone;
      for (const auto& ids : texts) {
        Ledger one(m.config.layers);
        alone.push_back(read(net, ids, {static_cast<std::int64_t>(ids.size())}, &one));
        summed += one;
      }
      EXPECT_TRUE(at::equal(batch, at::cat(alone)));
      EXPECT_EQ(together, summed);
    }
  }
}

TEST(SpikingTransformer, ThreadsDoNotChangeALogit) {
  const RandomTransformer m = random_transformer({});
  const auto net = network(m, EngineKind::fused, {8, 2});
  const auto ids = random_ids(50, m.config.vocab_size, 23);
  at::set_num_threads(1);
  const at::Tensor one = read(net, ids, {50});
  at::set_num_threads(2);
  EXPECT_TRUE(at::equal(one, read(net, ids, {50})));
}

TEST(SpikingTransformer, ApproachesTheDenseFunctionAsTimestepsGrow) {
  const RandomTransformer m = random_transformer({});
  const auto ids = random_ids(30, m.config.vocab_size, 24);
  const at::Tensor dense = testing::dense_logits(m, ids);
  double previous = 1e9;
  for (const int timesteps : {3, 6, 10, 16}) {
    const at::Tensor spiking = read(network(m, EngineKind::fused, {timesteps, 2}), ids, {30});
    const double error = ((spiking - dense).norm() / dense.norm()).item<double>();
    EXPECT_LT(error, previous) << timesteps;
    previous = error;
  }
  EXPECT_LT(previous, 2e-4);
}

TEST(SpikingTransformer, PlantedOutlierChannelsAreFoldedAway) {
  const auto ids = random_ids(30, 61, 25);
  const RandomTransformer plain = random_transformer({});
  const RandomTransformer planted = testing::with_outlier_channels(plain, 50.0F);
  const at::Tensor dense = testing::dense_logits(plain, ids);
  const auto error = [&](const RandomTransformer& m) {
    return ((read(network(m, EngineKind::fused, {8, 2}), ids, {30}) - dense).norm() / dense.norm()).item<double>();
  };
  EXPECT_NEAR(error(planted), error(plain), 0.1 * error(plain));
}

// An engine whose projections of one size compute the dense product instead, as a careless change might.
class WithOneDenseProduct : public Engine {
 public:
  explicit WithOneDenseProduct(std::int64_t outputs) : spiking_(make_engine(EngineKind::fused)), outputs_(outputs) {}
  [[nodiscard]] std::unique_ptr<SpikingProjection> projection(SpikingLinear layer) const override {
    if (layer.weight.rows != outputs_) return spiking_->projection(std::move(layer));
    return std::make_unique<DenseProduct>(layer);
  }
  [[nodiscard]] std::unique_ptr<AttentionMemory> memory(const AttentionShape& shape) const override {
    return spiking_->memory(shape);
  }

 private:
  class DenseProduct : public SpikingProjection {
   public:
    explicit DenseProduct(const SpikingLinear& layer) : weight_(at::empty({layer.weight.rows, layer.weight.columns})) {
      for (std::int64_t i = 0; i < weight_.numel(); ++i) {
        weight_.data_ptr<float>()[i] =
            static_cast<float>(layer.weight.mantissa[i] * layer.weight.unit[i / layer.weight.columns]);
      }
    }
    SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const override {
      const at::Tensor input = at::from_blob(const_cast<float*>(membranes), {rows, weight_.size(1)}, at::kFloat);
      const at::Tensor output = at::matmul(input, weight_.t()).contiguous();
      std::copy_n(output.data_ptr<float>(), output.numel(), currents);
      return {};
    }

   private:
    at::Tensor weight_;
  };

  std::unique_ptr<Engine> spiking_;
  std::int64_t outputs_;
};

TEST(SpikingTransformer, CoverageFallsWhenADenseProductSlipsIn) {
  const RandomTransformer m = random_transformer({});
  const auto net = std::make_shared<SpikingTransformer>(m.config, m.weights, Plan(m.config.layers, {}),
                                                        std::make_unique<WithOneDenseProduct>(m.config.vocab_size));
  Ledger ledger(m.config.layers);
  read(net, random_ids(20, m.config.vocab_size, 26), {20}, &ledger);
  const auto missing = static_cast<double>(20 * m.config.hidden_size * m.config.vocab_size);
  EXPECT_NEAR(ledger.coverage(), 1.0 - missing / static_cast<double>(ledger.demanded_macs()), 1e-12);
  EXPECT_LT(ledger.coverage(), 0.95);
}

TEST(SpikingTransformer, RefusesWhatItCannotReadAndChangesNothing) {
  const RandomTransformer m = random_transformer({});
  const auto net = network(m, EngineKind::fused, {8, 2});
  SpikingSequence sequence(net);
  const auto ids = random_ids(m.config.max_positions + 1, m.config.vocab_size, 27);
  EXPECT_THROW(sequence.append(ids, LogitRows::all), Error);
  EXPECT_THROW(sequence.append({}, LogitRows::all), Error);
  const std::vector<std::int64_t> outside{0, m.config.vocab_size};
  EXPECT_THROW(sequence.append(outside, LogitRows::all), Error);
  EXPECT_EQ(sequence.length(), 0);
  EXPECT_EQ(sequence.ledger(), Ledger(m.config.layers));
  EXPECT_NO_THROW(sequence.append(std::span(ids).first(m.config.max_positions), LogitRows::last));
}

TEST(SpikingTransformer, ScalesItsLogitsInBothEngines) {
  RandomTransformer m = random_transformer({});
  const auto ids = random_ids(6, m.config.vocab_size, 30);
  const at::Tensor plain = read(network(m, EngineKind::fused, {8, 2}), ids, {6});
  m.config.logit_scale = 0.8;
  for (const EngineKind kind : {EngineKind::fused, EngineKind::temporal}) {
    EXPECT_TRUE(at::equal(read(network(m, kind, {8, 2}), ids, {6}), plain * 0.8));
  }
}

TEST(SpikingTransformer, ResetForgetsTheText) {
  const RandomTransformer m = random_transformer({});
  SpikingSequence sequence(network(m, EngineKind::fused, {8, 2}));
  const auto ids = random_ids(10, m.config.vocab_size, 28);
  const at::Tensor first = sequence.append(ids, LogitRows::all);
  sequence.append(ids, LogitRows::all);
  sequence.reset();
  EXPECT_EQ(sequence.length(), 0);
  EXPECT_TRUE(at::equal(first, sequence.append(ids, LogitRows::all)));
}

}  // namespace
}  // namespace stac::snn
