#include "stac/eval/conversion_quality.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "eval/residual_errors.hpp"
#include "stac/eval/evaluation_text.hpp"
#include "stac/eval/quality.hpp"
#include "stac/io/json_file.hpp"
#include "stac/model/dense_model.hpp"
#include "support/test_paths.hpp"
#include "support/tiny_checkpoint.hpp"

namespace stac::eval {
namespace {

using convert::StepQuality;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A random checkpoint of which conversions are measured.
class ConversionQuality : public ::testing::Test {
 protected:
  ConversionQuality() {
    testing::write_tiny_checkpoint(folder(), {.hidden = 32, .vocab = 264});
    testing::write_tiny_tokenizer(folder());
  }
  [[nodiscard]] std::filesystem::path folder() const { return temporary_.path() / "m"; }

  [[nodiscard]] convert::QualityRecord measure(const convert::ConversionOptions& options,
                                               const convert::CalibrationRequest& request = {}) const {
    return measure_conversion(convert::convert(io::open_checkpoint(folder()), options, {}, request), request);
  }

  testing::TemporaryFolder temporary_;
};

TEST_F(ConversionQuality, IsWhatABenchOnTheSameWindowsMeasures) {
  const convert::ConversionOptions options{.code = {3, 2}};
  const convert::QualityRecord record = measure(options);
  const convert::OpenedModel model = convert::open_model({.model = folder().string(), .options = options});
  const TokenWindows text =
      read_windows(model, {bundled_evaluation_text(), record.context, record.windows, BosChoice::automatic});
  const Quality quality = measure_quality(model, snn::EngineKind::fused, text, 0);
  const Fidelity& fidelity = *quality.fidelity;
  EXPECT_EQ(record.text, "evaluation_stories.txt");
  EXPECT_EQ(record.windows, 1024 / 32);
  EXPECT_EQ(record.scored_tokens, fidelity.spiking.scored_tokens);
  EXPECT_EQ(record.source_perplexity, fidelity.dense.perplexity);
  EXPECT_EQ(record.source_distinct_predictions, fidelity.dense.distinct_predictions);
  EXPECT_THAT(record.steps, ElementsAre(StepQuality{"spikes", fidelity.ratio, fidelity.kl, fidelity.top1_agreement,
                                                    fidelity.spiking.distinct_predictions}));
  EXPECT_EQ(record.ratio_interval->front(), fidelity.ratio_interval->low);
  EXPECT_EQ(record.activity.spikes_per_activation, quality.ledger.additions_per_mac());
  const auto& down = quality.ledger.counts(1, snn::Site::down);
  const auto at = std::ranges::find(record.sites, snn::SiteId{1, snn::Site::down}, &convert::SiteActivity::where);
  ASSERT_NE(at, record.sites.end());
  EXPECT_DOUBLE_EQ(at->activity.silent * static_cast<double>(down.windows), static_cast<double>(down.silent));
  EXPECT_DOUBLE_EQ(at->activity.saturated * static_cast<double>(down.windows), static_cast<double>(down.saturated));
  EXPECT_EQ(record.sites.size(), 13U);
}

TEST_F(ConversionQuality, TellsWhatEachStepOfThePipelineCosts) {
  const convert::QualityRecord record =
      measure({.activation = convert::ActivationChoice::relu, .quantize = convert::QuantizeChoice::int8});
  const auto named = [](const char* name) { return Field(&StepQuality::step, name); };
  EXPECT_THAT(record.steps, ElementsAre(named("swap alone"), named("mean folded"), named("refitted"), named("int8"),
                                        named("spikes")));
  const io::Checkpoint checkpoint = io::open_checkpoint(folder());
  model::TransformerConfig config = model::parse_config(checkpoint.config);
  const model::TransformerWeights weights = model::load_weights(config, *checkpoint.tensors).weights;
  const model::DenseModel source(config, weights);
  config.activation = model::Activation::relu;
  const model::DenseModel swapped(config, weights);
  const convert::OpenedModel opened = convert::open_model({.model = folder().string()});
  const TokenWindows text =
      read_windows(opened, {bundled_evaluation_text(), record.context, record.windows, BosChoice::automatic});
  const Fidelity raw = measure_fidelity(*source.start(), *swapped.start(), text, 0);
  EXPECT_EQ(record.steps[0].kl, raw.kl);
  EXPECT_EQ(record.steps[0].ratio, raw.ratio);
  EXPECT_LT(record.steps[1].kl, record.steps[0].kl);
  ASSERT_EQ(record.layers.size(), 2U);
  for (const convert::LayerError& layer : record.layers) {
    EXPECT_GT(layer.of_spikes, 0.0);
    EXPECT_LT(layer.of_spikes, layer.in_all);  // the swap is not the spikes' doing
  }
}

TEST_F(ConversionQuality, FindsSpikesAloneInAllThatAConversionWithoutOtherStepsLoses) {
  const convert::QualityRecord fine = measure({.code = {12, 2}}), coarse = measure({.code = {3, 2}});
  for (std::size_t layer = 0; layer < fine.layers.size(); ++layer) {
    EXPECT_EQ(fine.layers[layer].of_spikes, fine.layers[layer].in_all);
    EXPECT_LT(fine.layers[layer].in_all, 1e-4 * coarse.layers[layer].in_all);
  }
}

TEST_F(ConversionQuality, IsMeasuredOnSamplesWhereTheStoriesWereCalibratedOn) {
  const std::string stories = io::read_text_file(bundled_evaluation_text(), 1U << 20U);
  convert::CalibrationRequest request;
  request.file = temporary_.path() / "copy.txt";
  std::ofstream(*request.file) << "A foreword.\n" << stories.substr(3000, 20000);
  const convert::QualityRecord record = measure({.code = {4, 2}, .profile = convert::ProfileChoice::rms}, request);
  EXPECT_THAT(record.text, StartsWith("self-generated"));
  EXPECT_THAT(record.text, HasSubstr("evaluation_stories.txt"));
  request.file = temporary_.path() / "other.txt";
  std::ofstream(*request.file) << std::string(3000, 'a') << " and nothing else";
  EXPECT_EQ(measure({.code = {4, 2}, .profile = convert::ProfileChoice::rms}, request).text, "evaluation_stories.txt");
}

TEST_F(ConversionQuality, IsMeasuredOnSamplesWhereThereIsNoTokenizer) {
  for (const char* const file : {"vocab.json", "merges.txt"}) std::filesystem::remove(folder() / file);
  const convert::QualityRecord record = measure({.code = {8, 2}});
  EXPECT_EQ(record.text, "self-generated (the model has no tokenizer)");
  EXPECT_EQ(record, measure({.code = {8, 2}}));
}

TEST(ResidualError, IsSquaredDifferencesOverSquares) {
  const at::Tensor source = at::tensor({3.0F, 4.0F}), spikeless = at::tensor({0.0F, 2.0F}),
                   spiking = at::tensor({1.0F, 2.0F});
  EXPECT_EQ(residual_error(source, spikeless, spiking), (convert::LayerError{1.0 / 4.0, (4.0 + 4.0) / 25.0}));
  EXPECT_EQ(residual_error(source, source, spiking), (convert::LayerError{8.0 / 25.0, 8.0 / 25.0}));
  EXPECT_THROW((void)residual_error(source, at::zeros({3}), spiking), std::logic_error);
}

}  // namespace
}  // namespace stac::eval
