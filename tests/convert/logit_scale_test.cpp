#include "stac/convert/logit_scale.hpp"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <random>

#include "convert_test_support.hpp"
#include "environment.hpp"
#include "stac/convert/opened_model.hpp"
#include "stac/model/dense_model.hpp"
#include "support/random_transformer.hpp"

namespace stac::convert {
namespace {

using model::LogitRows;
using testing::random_transformer;
using testing::RandomTransformer;
using Samples = std::vector<std::vector<std::int64_t>>;

Samples random_samples(const RandomTransformer& m) {
  std::mt19937 random(5);
  std::uniform_int_distribution<std::int64_t> id(0, m.config.vocab_size - 1);
  Samples samples(6, std::vector<std::int64_t>(24));
  for (auto& sample : samples) {
    for (std::int64_t& value : sample) value = id(random);
  }
  return samples;
}

std::shared_ptr<const snn::SpikingModel> spiking(const RandomTransformer& m, const snn::Code& code) {
  return spiking_model(m.config, m.weights, snn::Plan(m.config.layers, {code}), snn::EngineKind::fused);
}

/// Mean KL of the next token, by LibTorch, in f64.
double kl(const model::LanguageModel& source, const model::LanguageModel& network, double scale,
          std::span<const std::vector<std::int64_t>> samples) {
  double sum = 0.0, rows = 0.0;
  for (const auto& sample : samples) {
    const at::Tensor p = source.start()->append(sample, LogitRows::all).to(at::kDouble).log_softmax(-1);
    const at::Tensor q = (scale * network.start()->append(sample, LogitRows::all).to(at::kDouble)).log_softmax(-1);
    sum += (p.exp() * (p - q)).sum().item<double>();
    rows += static_cast<double>(sample.size());
  }
  return sum / rows;
}

LogitScaleRecord fitted(const model::LanguageModel& source, const model::LanguageModel& network,
                        const Samples& samples) {
  return fit_logit_scale(model::reader_of(source), model::reader_of(network), samples);
}

TEST(LogitScale, GivesBackWhatAHeadLost) {
  RandomTransformer m = random_transformer({});
  const model::DenseModel source(m.config, m.weights);
  m.weights.head = model::held({0.8 * m.weights.head().weight, {}});
  const LogitScaleRecord record = fitted(source, *spiking(m, {12, 2}), random_samples(m));
  EXPECT_NEAR(record.scale, 1.25, 0.005);
  EXPECT_EQ(record.scale, record.fitted);
  EXPECT_LT(record.scaled, 0.01 * record.plain);
  EXPECT_EQ(record.tokens, 6 * 24);
}

TEST(LogitScale, IsOneForANetworkThatNeedsNone) {
  const RandomTransformer m = random_transformer({});
  const model::DenseModel source(m.config, m.weights);
  for (const snn::Code code : {snn::Code{8, 2}, snn::Code{5, 3}}) {
    const LogitScaleRecord record = fitted(source, *spiking(m, code), random_samples(m));
    EXPECT_EQ(record.scale, 1.0);
    EXPECT_NEAR(record.fitted, 1.0, 0.01);
  }
  EXPECT_EQ(fitted(source, source, random_samples(m)).scale, 1.0);
}

TEST(LogitScale, IsTheOneThatASearchOverScalesFinds) {
  const RandomTransformer m = random_transformer({});
  const model::DenseModel source(m.config, m.weights);
  const auto coarse = spiking(m, {3, 2});
  const Samples samples = random_samples(m);
  const LogitScaleRecord record = fitted(source, *coarse, samples);
  const auto fitting = std::span(samples).first(3), judging = std::span(samples).subspan(3);
  double best = 0.3;
  for (double scale = 0.3; scale < 1.5; scale += 0.002) {
    if (kl(source, *coarse, scale, fitting) < kl(source, *coarse, best, fitting)) best = scale;
  }
  EXPECT_NEAR(record.fitted, best, 0.002);
  EXPECT_NEAR(record.plain, kl(source, *coarse, 1.0, judging), 1e-9);
  EXPECT_NEAR(record.scaled, kl(source, *coarse, record.fitted, judging), 1e-6);
}

TEST(LogitScale, StaysWithinAFactorOfFour) {
  RandomTransformer m = random_transformer({});
  const model::DenseModel source(m.config, m.weights);
  m.weights.head = model::held({0.01 * m.weights.head().weight, {}});
  EXPECT_NEAR(fitted(source, *spiking(m, {12, 2}), random_samples(m)).scale, 4.0, 1e-3);
}

TEST(LogitScale, IsTheSameInMemoryAndInAnArtifactForEveryEngineAndWithoutSpikes) {
  const testing::TemporaryFolder temporary;
  const Environment state("XDG_STATE_HOME", temporary.path() / "state");
  const auto source = testing::write_tiny_checkpoint(temporary.path() / "m", {.hidden = 32});
  const ConversionOptions options{.code = {1, 2}, .quantize = QuantizeChoice::int8, .simplified = true};
  CalibrationRequest request;
  request.scale_logits = true;
  const Conversion conversion = convert(io::open_checkpoint(source), options, {}, request);
  ASSERT_TRUE(conversion.logit_scale.has_value());
  const double scale = conversion.logit_scale->scale;
  ASSERT_NE(scale, 1.0);
  EXPECT_EQ(conversion.pipeline.spiking.back().name, "logits scaled");
  const at::Tensor unscaled =
      logits_of(*spiking_model(conversion.pipeline.spiking.front().parts, snn::EngineKind::fused));
  EXPECT_TRUE(at::equal(logits_of(*network_of(conversion)), unscaled * scale));

  const OpenedModel saved =
      open_model({.model = save_artifact(conversion, temporary.path() / "a", Overwrite::refuse).string()});
  for (const snn::EngineKind engine : {snn::EngineKind::fused, snn::EngineKind::temporal}) {
    EXPECT_TRUE(at::equal(logits_of(saved.spiking(engine)), logits_of(*network_of(conversion))));
  }
  const DenseStep& last = conversion.pipeline.dense.back();
  const model::DenseModel int8(last.config, *last.weights);
  EXPECT_TRUE(at::equal(logits_of(saved.ann()), logits_of(int8) * scale));
  EXPECT_EQ(saved.source()->config().logit_scale, 1.0);
}

}  // namespace
}  // namespace stac::convert
