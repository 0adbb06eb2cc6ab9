#include "stac/convert/preparation.hpp"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <torch/torch.h>

#include <algorithm>

#include "stac/convert/converter.hpp"
#include "stac/convert/planning.hpp"
#include "stac/convert/quantization.hpp"
#include "stac/error.hpp"
#include "stac/model/thread_limit.hpp"
#include "support/random_transformer.hpp"

namespace stac::convert {
namespace {

using testing::random_transformer;
using testing::RandomTransformer;

constexpr snn::Code kCode{8, 2};

ConversionOptions plain() { return resolved({.code = kCode, .group = 0, .profile = ProfileChoice::none}); }

std::shared_ptr<const snn::SpikingModel> network(const model::TransformerConfig& config,
                                                 const model::TransformerWeights& weights,
                                                 const std::optional<snn::Plan>& plan = {}) {
  return spiking_model(config, weights, plan ? *plan : make_plan(plain(), config, weights), snn::EngineKind::fused);
}

model::TransformerConfig with_relu(model::TransformerConfig config) {
  config.activation = model::Activation::relu;
  return config;
}

CalibrationText own_text(const RandomTransformer& m, std::int64_t samples) {
  return {"self-generated", sample_texts(*network(m.config, m.weights), samples, 48, 3), {}};
}

Preparation repaired(const RandomTransformer& m, const CalibrationText& text) {
  return prepare(m.config, with_relu(m.config), m.weights, plain(), make_plan(plain(), m.config, m.weights), text, {});
}

Preparation calibrated(const RandomTransformer& m, const ConversionOptions& options, const CalibrationText& text) {
  return prepare(m.config, m.config, m.weights, options, make_plan(options, m.config, m.weights), text, {});
}

Preparation calibrated(const RandomTransformer& m, const ConversionOptions& options, std::int64_t samples = 24) {
  return calibrated(m, options, own_text(m, samples));
}

std::int64_t dropped_sites(const Preparation& prepared) {
  return std::ranges::count_if(prepared.calibrated, [](const auto& record) { return record.choice.dropped; });
}

double distance(const RandomTransformer& m, const snn::Plan& plan) {
  const auto ids = sample_texts(*network(m.config, m.weights), 1, 40, 78).front();
  const at::Tensor expected = testing::dense_logits(m, ids);
  const auto sequence = network(m.config, m.weights, plan)->start_spiking();
  return (sequence->append(ids, model::LogitRows::all) - expected).square().mean().item<double>();
}

double mean_square_error(const RandomTransformer& m, const model::TransformerWeights& weights) {
  const auto ids = sample_texts(*network(m.config, m.weights), 1, 40, 77).front();
  const at::Tensor expected = testing::dense_logits(m, ids);
  const auto sequence = network(with_relu(m.config), weights)->start_spiking();
  return (sequence->append(ids, model::LogitRows::all) - expected).square().mean().item<double>();
}

TEST(ActivationRepair, BringsTheLogitsBackOnTextThatItDidNotSee) {
  const RandomTransformer m = random_transformer({.seed = 4});
  const Preparation swap = repaired(m, own_text(m, 40));
  EXPECT_LT(mean_square_error(m, swap.weights), 0.25 * mean_square_error(m, m.weights));
  for (const LayerRepair& layer : swap.repairs) {
    EXPECT_LT(layer.refit, layer.fold);
    EXPECT_LT(layer.fold, layer.raw);
    EXPECT_EQ(layer.chosen, "refit");
  }
  EXPECT_TRUE(swap.fallbacks.empty());
}

TEST(ActivationRepair, ChangesTheDownProjectionsAlone) {
  const RandomTransformer m = random_transformer({.seed = 5});
  const Preparation swap = repaired(m, own_text(m, 40));
  EXPECT_EQ(swap.weights.head().weight.data_ptr(), m.weights.head().weight.data_ptr());
  for (std::int64_t layer = 0; layer < m.weights.blocks.size(); ++layer) {
    EXPECT_EQ(swap.weights.blocks[layer].up.weight.data_ptr(), m.weights.blocks[layer].up.weight.data_ptr());
    EXPECT_FALSE(at::equal(swap.weights.blocks[layer].down.weight, m.weights.blocks[layer].down.weight));
  }
}

/// One token over and over: nothing that the network would say.
CalibrationText misleading_text(std::int64_t samples) {
  std::vector<std::vector<std::int64_t>> ids;
  for (std::int64_t i = 0; i < samples; ++i) ids.emplace_back(48, i % 2);
  return {"book.txt", ids, {}};
}

CalibrationText with_witnesses(const RandomTransformer& m, CalibrationText text) {
  text.witnesses = sample_texts(*network(m.config, m.weights), 2, 48, 99);
  return text;
}

TEST(ActivationRepair, GivesUpARefitThatDoesHarmOnWhatTheModelSaysItself) {
  const RandomTransformer m = random_transformer({.seed = 6});
  const Preparation misled = repaired(m, misleading_text(16));
  const Preparation warned = repaired(m, with_witnesses(m, misleading_text(16)));
  EXPECT_EQ(misled.repairs.front().chosen, "refit");
  EXPECT_NE(warned.repairs.front().chosen, "refit");
  EXPECT_THAT(warned.fallbacks, ::testing::Contains(::testing::HasSubstr("layer 0: the refit does no good")));
  EXPECT_LT(mean_square_error(m, warned.weights), mean_square_error(m, misled.weights));
}

TEST(ActivationRepair, KeepsARefitToWhichTheWitnessesHaveNoObjection) {
  const RandomTransformer m = random_transformer({.seed = 4});
  const Preparation swap = repaired(m, with_witnesses(m, own_text(m, 40)));
  for (const LayerRepair& layer : swap.repairs) EXPECT_EQ(layer.chosen, "refit");
  EXPECT_TRUE(swap.fallbacks.empty());
}

TEST(ActivationRepair, DoesNotDependOnThreads) {
  const RandomTransformer m = random_transformer({.seed = 7});
  const int threads = at::get_num_threads();
  model::set_threads(1);
  const auto one = own_text(m, 6).samples;
  model::set_threads(2);
  const auto two = own_text(m, 6).samples;
  model::set_threads(threads);
  EXPECT_EQ(one, two);
}

TEST(ActivationRepair, NeedsTwoSamples) {
  const RandomTransformer m = random_transformer({.seed = 8});
  EXPECT_THROW(static_cast<void>(repaired(m, own_text(m, 1))), Error);
}

TEST(Calibration, OfCoarseCodesBringsTheLogitsNearerOnTextThatItDidNotSee) {
  const RandomTransformer m = random_transformer({.seed = 9});
  const ConversionOptions options = resolved({.code = {3, 3}, .group = 0, .profile = ProfileChoice::best});
  const Preparation prepared = calibrated(m, options);
  const snn::Plan uncalibrated(m.config.layers, {options.code});
  EXPECT_LT(distance(m, prepared.plan), distance(m, uncalibrated));
  EXPECT_EQ(static_cast<std::int64_t>(prepared.calibrated.size()), 4 * m.config.layers + 1);
  for (const CalibrationRecord& record : prepared.calibrated) EXPECT_LE(record.choice.error, record.choice.plain);
  EXPECT_EQ(prepared.weights.blocks[0].down.weight.data_ptr(), m.weights.blocks[0].down.weight.data_ptr());
}

TEST(Calibration, GivesUpThresholdsThatDoHarmOnWhatTheModelSaysItself) {
  const RandomTransformer m = random_transformer({.seed = 12});
  const ConversionOptions options = resolved({.code = {3, 3}, .group = 0, .profile = ProfileChoice::max});
  const Preparation misled = calibrated(m, options, misleading_text(16));
  const Preparation warned = calibrated(m, options, with_witnesses(m, misleading_text(16)));
  EXPECT_EQ(dropped_sites(misled), 0);
  EXPECT_GT(dropped_sites(warned), 2);
  EXPECT_EQ(static_cast<std::int64_t>(warned.fallbacks.size()), dropped_sites(warned));
  EXPECT_LT(distance(m, warned.plan), distance(m, misled.plan));
}

TEST(Calibration, KeepsThePlainThresholdsBeside) {
  const RandomTransformer m = random_transformer({.seed = 13});
  for (const ThresholdChoice thresholds : {ThresholdChoice::adaptive, ThresholdChoice::fixed}) {
    const ConversionOptions options =
        resolved({.code = {3, 3}, .group = 8, .threshold = thresholds, .profile = ProfileChoice::rms});
    const Preparation prepared = calibrated(m, options);
    snn::for_each_site(m.config.layers, [&](std::int64_t layer, snn::Site site) {
      const snn::Population& plain = prepared.plain.at(layer, site);
      const snn::Population& chosen = prepared.plan.at(layer, site);
      EXPECT_TRUE(plain.profile.empty() && plain.rest.empty());
      EXPECT_EQ(plain.code, chosen.code);
      EXPECT_EQ(plain.group, chosen.group);
      EXPECT_EQ(plain.full_scale.size(), chosen.full_scale.size());
    });
  }
}

TEST(Calibration, GivesStaticThresholdsToEveryPopulation) {
  const RandomTransformer m = random_transformer({.seed = 10});
  const ConversionOptions options = resolved({.code = kCode, .threshold = ThresholdChoice::fixed});
  const Preparation prepared = calibrated(m, options);
  snn::for_each_site(m.config.layers, [&](std::int64_t layer, snn::Site site) {
    if (site == snn::Site::mix) return;  // the softmax's full scale is 1
    EXPECT_FALSE(prepared.plan.at(layer, site).full_scale.empty()) << snn::site_name(site);
  });
  EXPECT_LT(distance(m, prepared.plan), 10.0 * distance(m, make_plan(plain(), m.config, m.weights)) + 1e-3);
}

TEST(Calibration, DoesNotDependOnThreads) {
  const RandomTransformer m = random_transformer({.seed = 11});
  const ConversionOptions options = resolved({.code = {4, 3}});
  const int threads = at::get_num_threads();
  model::set_threads(1);
  const Preparation one = calibrated(m, options, 6);
  model::set_threads(2);
  const Preparation two = calibrated(m, options, 6);
  model::set_threads(threads);
  EXPECT_EQ(one.plan, two.plan);
}

Preparation rounded(const RandomTransformer& m, ConversionOptions options) {
  options.quantize = QuantizeChoice::int8;
  options.rounding = RoundingChoice::compensated;
  return calibrated(m, resolved(options), 40);
}

TEST(Rounding, CompensatedAtEverySiteComesNearerThanNearestOnTextThatItDidNotSee) {
  const RandomTransformer m = random_transformer({.seed = 12});
  const ConversionOptions options{.code = {12, 2}};
  const Preparation prepared = rounded(m, options);
  EXPECT_TRUE(prepared.fallbacks.empty()) << prepared.fallbacks.front();
  const auto ids = sample_texts(*network(m.config, m.weights), 1, 60, 79).front();
  const at::Tensor expected = testing::dense_logits(m, ids);
  const auto missed = [&](const snn::QuantizedWeights& quantized) {
    const auto model = spiking_model(m.config, m.weights, prepared.plan, snn::EngineKind::fused, quantized);
    return (model->start_spiking()->append(ids, model::LogitRows::all) - expected).square().mean().item<double>();
  };
  EXPECT_LT(missed(prepared.quantized), missed(quantize(m.weights, prepared.plan)));
}

TEST(Rounding, CompensatedDoesNotDependOnThreads) {
  const RandomTransformer m = random_transformer({.seed = 13});
  std::vector<Preparation> prepared;
  for (const int threads : {1, 2}) {
    const model::ThreadLimit limit(threads);
    prepared.push_back(rounded(m, {.code = {4, 3}}));
  }
  EXPECT_EQ(prepared[0].fallbacks, prepared[1].fallbacks);
  for (const auto& [where, linear] : prepared[0].quantized) {
    EXPECT_TRUE(at::equal(linear.weight, prepared[1].quantized.at(where).weight)) << snn::site_name(where.site);
  }
}

TEST(Rounding, CompensatedRoundsWhatTheRefitLeaves) {
  const RandomTransformer m = random_transformer({.seed = 14});
  ConversionOptions options = plain();
  options.quantize = QuantizeChoice::int8;
  options.rounding = RoundingChoice::compensated;
  const Preparation prepared = prepare(m.config, with_relu(m.config), m.weights, options,
                                       make_plan(plain(), m.config, m.weights), own_text(m, 40), {});
  const auto nearest = quantize(prepared.weights, prepared.plan);
  for (const auto& [where, linear] : prepared.quantized) {
    EXPECT_TRUE(at::equal(linear.scale, nearest.at(where).scale)) << snn::site_name(where.site);
    EXPECT_LE((linear.weight.to(at::kInt) - nearest.at(where).weight.to(at::kInt)).abs().max().item<int>(), 24);
  }
  EXPECT_FALSE(at::equal(prepared.quantized.at({0, snn::Site::down}).weight, nearest.at({0, snn::Site::down}).weight));
}

}  // namespace
}  // namespace stac::convert
