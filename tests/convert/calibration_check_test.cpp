#include "convert/calibration_check.hpp"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>

#include "convert/text_steps.hpp"
#include "convert_test_support.hpp"
#include "stac/convert/planning.hpp"
#include "stac/model/dense_model.hpp"
#include "stac/model/thread_limit.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using testing::TemporaryFolder;
using testing::write_tiny_checkpoint;

constexpr snn::Code kCoarse{3, 3};

/// KL(p || q) of one row, from its definition.
double divergence(const at::Tensor& p, const at::Tensor& q) {
  const at::Tensor log_p = p.to(at::kDouble).log_softmax(0), log_q = q.to(at::kDouble).log_softmax(0);
  return (log_p.exp() * (log_p - log_q)).sum().item<double>();
}

class CalibrationCheck : public ::testing::Test {
 protected:
  /// A coarse network whose thresholds count as calibrated.
  [[nodiscard]] Conversion coarse(QuantizeChoice quantize) const {
    Conversion conversion =
        convert_folder(source_, {.code = kCoarse, .group = 0, .profile = ProfileChoice::none, .quantize = quantize});
    conversion.quantized = {};
    conversion.weights = source_model().weights;
    conversion.calibration =
        ThresholdRecord{"book.txt", 100, {{{0, snn::Site::up}, {"rms", 1.0, true, 0.5, 0.25}}}, {}};
    return conversion;
  }
  [[nodiscard]] SourceModel source_model() const {
    const io::Checkpoint checkpoint = io::open_checkpoint(source_);
    const model::TransformerConfig config = model::parse_config(checkpoint.config);
    return {config, std::make_shared<const model::TransformerWeights>(
                        model::load_weights(config, *checkpoint.tensors).weights)};
  }
  [[nodiscard]] std::vector<TextSamples> texts() const {
    const auto network = network_of(convert_folder(source_));
    return {{"book.txt", sample_texts(*network, 2, 24, 1)}, {"self-generated", sample_texts(*network, 2, 24, 2)}};
  }
  /// Thresholds that shout where the network whispers.
  static void spoil(snn::Plan& plan) {
    std::vector<float> profile(16, 0.02F);
    profile.back() = 8.0F;
    for (std::int64_t layer = 0; layer < plan.layers(); ++layer) plan.at(layer, snn::Site::up).profile = profile;
  }

  TemporaryFolder temporary_;
  fs::path source_ = write_tiny_checkpoint(temporary_.path() / "m");
  Progress silent_;
  Stages stages_{silent_};
};

TEST_F(CalibrationCheck, MeasuresTheDivergenceFromTheSourceOnEveryText) {
  const SourceModel source = source_model();
  const model::DenseModel dense(source.config, *source.weights);
  const auto fine = network_of(convert_folder(source_)), rough = network_of(convert_folder(source_, {.code = {2, 2}}));
  const std::vector<TextSamples> read = texts();
  const std::vector<Verification> verified =
      verify(model::reader_of(dense), model::reader_of(*rough), model::reader_of(*fine), read);
  ASSERT_THAT(verified, SizeIs(2));
  for (std::size_t t = 0; t < 2; ++t) {
    double expected = 0.0;
    for (const auto& sample : read[t].samples) {
      const at::Tensor p = dense.start()->append(sample, model::LogitRows::all);
      const at::Tensor q = rough->start()->append(sample, model::LogitRows::all);
      for (std::int64_t row = 0; row < 23; ++row) expected += divergence(p[row], q[row]) / 46.0;
    }
    EXPECT_EQ(verified[t].text, read[t].origin);
    EXPECT_EQ(verified[t].tokens, 48);
    EXPECT_NEAR(verified[t].plain, expected, 1e-12);
    EXPECT_LT(verified[t].calibrated, verified[t].plain);
  }
}

TEST(WorstHarm, IsFoundOnOneTextOfSeveral) {
  const Verification better{"a", 10, 0.5, 0.25}, equal{"b", 10, 0.5, 0.5}, worse{"c", 10, 0.25, 0.375},
      worst{"d", 10, 0.5, 0.75};
  EXPECT_EQ(worst_harm({better, equal}), nullptr);
  const std::vector<Verification> all{better, worse, worst, equal};
  EXPECT_EQ(worst_harm(all), &all[2]);
}

TEST_F(CalibrationCheck, GivesThresholdsUpThatLeaveTheWholeNetworkFurtherFromItsSource) {
  for (const QuantizeChoice quantize : {QuantizeChoice::none, QuantizeChoice::int8}) {
    Conversion conversion = coarse(quantize);
    const PlainTwin twin{conversion.weights, conversion.plan, texts()};
    spoil(conversion.plan);
    settle(conversion, source_model(), twin, {}, stages_);
    EXPECT_EQ(conversion.plan, twin.plan);
    EXPECT_THAT(conversion.fallbacks, ElementsAre(HasSubstr("kept: plain ones everywhere")));
    EXPECT_THAT(conversion.calibration->verified, SizeIs(2));
    const SiteChoice& choice = conversion.calibration->sites.front().choice;
    EXPECT_TRUE(choice.dropped);
    EXPECT_EQ(choice.profile, "none");
    EXPECT_FALSE(choice.rest);
    EXPECT_EQ(choice.error, 0.5);
    const Conversion plain =
        convert_folder(source_, {.code = kCoarse, .group = 0, .profile = ProfileChoice::none, .quantize = quantize});
    const auto network = spiking_model(conversion.config, *conversion.weights, conversion.plan, snn::EngineKind::fused,
                                       conversion.quantized);
    EXPECT_TRUE(at::equal(logits_of(*network), logits_of(*network_of(plain))));
  }
}

TEST_F(CalibrationCheck, KeepsThresholdsThatBringTheWholeNetworkNearer) {
  Conversion conversion = coarse(QuantizeChoice::int8);
  PlainTwin twin{conversion.weights, conversion.plan, texts()};
  spoil(twin.plan);
  const snn::Plan calibrated = conversion.plan;
  settle(conversion, source_model(), twin, {}, stages_);
  EXPECT_EQ(conversion.plan, calibrated);
  EXPECT_THAT(conversion.fallbacks, IsEmpty());
  EXPECT_FALSE(conversion.calibration->sites.front().choice.dropped);
  for (const Verification& text : conversion.calibration->verified) EXPECT_LT(text.calibrated, text.plain);
}

TEST_F(CalibrationCheck, ChoosesCodesAgainForThresholdsThatItGivesUp) {
  Conversion conversion = coarse(QuantizeChoice::none);
  conversion.options.goal = AllocationGoal{.max_ratio = 1.5};
  const PlainTwin twin{conversion.weights, conversion.plan, texts()};
  spoil(conversion.plan);
  settle(conversion, source_model(), twin, {.length = 24}, stages_);
  EXPECT_THAT(conversion.fallbacks, Contains(HasSubstr("kept: plain ones everywhere")));
  EXPECT_EQ(conversion.plan, with_codes(twin.plan, *conversion.allocation));
}

TEST_F(CalibrationCheck, OfAConversionIsRecordedAndDoesNotDependOnThreads) {
  testing::TinyCheckpoint shape{.hidden = 32, .vocab = 264};
  write_tiny_checkpoint(source_, shape);
  testing::write_tiny_tokenizer(source_);
  const fs::path book = temporary_.path() / "book.txt";
  std::string text;
  for (int i = 0; i < 700; ++i) text += static_cast<char>('a' + i * i % 26);
  write_bytes(book, text);
  const auto converted = [&](int threads) {
    model::set_threads(threads);
    return convert(io::open_checkpoint(source_), {.code = kCoarse, .quantize = QuantizeChoice::int8}, {},
                   {.file = book, .samples = 6, .length = 24});
  };
  const int threads = at::get_num_threads();
  const Conversion one = converted(1), two = converted(2);
  model::set_threads(threads);
  ASSERT_THAT(one.calibration->verified, SizeIs(2));
  EXPECT_EQ(one.calibration->verified.front().text, "book.txt");
  EXPECT_EQ(one.calibration, two.calibration);
  EXPECT_EQ(one.plan, two.plan);
  EXPECT_EQ(one.fallbacks, two.fallbacks);
}

}  // namespace
}  // namespace stac::convert
