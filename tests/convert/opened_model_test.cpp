#include "stac/convert/opened_model.hpp"

#include <gmock/gmock.h>

#include "convert_test_support.hpp"
#include "environment.hpp"
#include "stac/convert/last_artifact.hpp"
#include "stac/model/dense_model.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::TemporaryFolder;
using testing::write_tiny_checkpoint;
using testing::write_tiny_tokenizer;

class OpenedModelTest : public ::testing::Test {
 protected:
  OpenedModelTest()
      : state_("XDG_STATE_HOME", temporary_.path() / "state"),
        source_(write_tiny_checkpoint(temporary_.path() / "m", {.dtype = io::DType::bf16})) {}

  fs::path save(const ConversionOptions& options = {}) {
    return save_artifact(convert_folder(source_, options), temporary_.path() / "a", Overwrite::replace);
  }
  static OpenedModel open(const fs::path& path) { return open_model({.model = path.string()}); }

  TemporaryFolder temporary_;
  Environment state_;
  fs::path source_;
};

TEST_F(OpenedModelTest, IsTheSameFromAnArtifactAndConvertedInMemory) {
  const ConversionOptions options{.code = {5, 3}};
  const OpenedModel saved = open(save(options));
  const OpenedModel converted = open_model({.model = source_.string(), .options = options});
  EXPECT_TRUE(saved.from_artifact());
  EXPECT_FALSE(converted.from_artifact());
  EXPECT_EQ(saved.options(), converted.options());
  for (const snn::EngineKind engine : {snn::EngineKind::fused, snn::EngineKind::temporal}) {
    EXPECT_TRUE(at::equal(logits_of(saved.spiking(engine)), logits_of(converted.spiking(engine))));
  }
  EXPECT_TRUE(at::equal(logits_of(saved.ann()), logits_of(converted.ann())));
  EXPECT_TRUE(at::equal(logits_of(*saved.source()), logits_of(*converted.source())));
  nlohmann::json without_files = saved.manifest();
  without_files.erase("files");
  EXPECT_EQ(without_files, converted.manifest());
}

TEST_F(OpenedModelTest, AsksWhetherTheModelWillDoBeforeItConverts) {
  bool converting = false;
  const auto progress = [&](std::string_view, std::int64_t, std::int64_t) { converting = true; };
  const auto refuse = [](const model::TransformerConfig& config) {
    throw UsageError("no use for " + std::to_string(config.layers) + " layers", "");
  };
  for (const fs::path& model : {source_, save()}) {
    EXPECT_THROW((void)open_model({.model = model.string(), .require = refuse}, progress), UsageError);
    EXPECT_FALSE(converting);
  }
}

TEST_F(OpenedModelTest, AFingerprintIsOfTheFunctionAndNotOfThePlace) {
  const ConversionOptions options{.code = {5, 3}};
  const OpenedModel converted = open_model({.model = source_.string(), .options = options});
  EXPECT_EQ(open(save(options)).fingerprint(), converted.fingerprint());
  fs::rename(temporary_.path() / "a", temporary_.path() / "b");
  EXPECT_EQ(open(temporary_.path() / "b").fingerprint(), converted.fingerprint());
  const OpenedModel other = open_model({.model = source_.string(), .options = {.code = {6, 3}}});
  EXPECT_NE(other.fingerprint(), converted.fingerprint());
  write_tiny_checkpoint(source_, {.dtype = io::DType::bf16, .seed = 7});
  EXPECT_NE(open_model({.model = source_.string(), .options = options}).fingerprint(), converted.fingerprint());
}

TEST_F(OpenedModelTest, RetargetsItsNetworkForAProcessor) {
  const OpenedModel opened = open_model({.model = source_.string(), .options = {.code = {8, 2}}});
  const auto retarget = opened.retargeting(snn::EngineKind::fused);
  const OpenedModel there = opened.calibrate_timesteps({.timesteps = 6});
  EXPECT_EQ(retarget(6).network().plan().longest_window(), 6);
  EXPECT_TRUE(at::equal(logits_of(retarget(6)), logits_of(there.spiking(snn::EngineKind::fused))));
  EXPECT_FALSE(at::equal(logits_of(retarget(6)), logits_of(opened.spiking(snn::EngineKind::fused))));
  EXPECT_THROW((void)retarget(65), UsageError);
}

TEST_F(OpenedModelTest, KeepsTheSourceUntouchedWhereTheActivationIsReplaced) {
  const OpenedModel opened = open(save({.activation = ActivationChoice::relu}));
  const Conversion plain = convert_folder(source_);
  EXPECT_EQ(opened.config().activation, model::Activation::relu);
  EXPECT_TRUE(at::equal(logits_of(*opened.source()), logits_of(model::DenseModel(plain.config, *plain.weights))));
  EXPECT_FALSE(at::equal(logits_of(opened.ann()), logits_of(*opened.source())));
}

TEST_F(OpenedModelTest, HasNoSourceOnceThatIsGoneOrChangedAndSaysWhy) {
  const fs::path artifact = save();
  EXPECT_EQ(open(artifact).source_missing_reason(), "");
  write_tiny_checkpoint(source_, {.seed = 5});
  const OpenedModel changed = open(artifact);
  EXPECT_EQ(changed.source(), nullptr);
  EXPECT_THAT(changed.source_missing_reason(), HasSubstr("has changed"));
  fs::remove_all(source_);
  const OpenedModel gone = open(artifact);
  EXPECT_EQ(gone.source(), nullptr);
  EXPECT_THAT(gone.source_missing_reason(), HasSubstr(source_.string() + " is gone"));
}

TEST_F(OpenedModelTest, TakesTheSourceThatTheUserNames) {
  const fs::path artifact = save();
  const fs::path moved = temporary_.path() / "moved";
  fs::rename(source_, moved);
  const OpenedModel opened = open_model({.model = artifact.string(), .dense = moved});
  ASSERT_NE(opened.source(), nullptr);
  EXPECT_TRUE(at::equal(logits_of(*opened.source()), logits_of(opened.ann())));
  const fs::path other = write_tiny_checkpoint(temporary_.path() / "o", {.vocab = 50});
  EXPECT_THAT(error_of([&] { (void)open_model({.model = artifact.string(), .dense = other}); }), HasSubstr("--dense"));
}

TEST_F(OpenedModelTest, RefusesGivenOptionsThatContradictTheArtifact) {
  const fs::path artifact = save({.code = {5, 3}});
  const auto with = [&](std::vector<std::string> given) {
    return ModelRequest{.model = artifact.string(), .given = given};
  };
  EXPECT_NO_THROW((void)open_model(with({})));
  EXPECT_NO_THROW((void)open_model(with({"activation", "quantize", "code", "headroom"})));
  EXPECT_THROW((void)open_model(with({"timesteps"})), UsageError);
  EXPECT_THAT(error_of([&] { (void)open_model(with({"base"})); }), HasSubstr("--base 2"));
}

TEST_F(OpenedModelTest, IsTheArtifactWrittenLastElseTheBundledModelAndSaysWhich) {
  const Environment data("STAC_DATA", temporary_.path() / "data");
  write_tiny_checkpoint(temporary_.path() / "data" / "models" / "stac-tiny");
  const fs::path artifact = save();
  EXPECT_THAT(open_model({}).description(), HasSubstr("stac-tiny (bundled), converted in memory"));
  record_last_artifact(artifact);
  EXPECT_EQ(open_model({}).name(), "a");
  EXPECT_THAT(open_model({}).description(), HasSubstr(artifact.string() + " (written last)"));
  fs::remove_all(artifact);
  EXPECT_EQ(open_model({}).name(), "stac-tiny");
}

TEST_F(OpenedModelTest, RefusesADamagedArtifactByItsFile) {
  const fs::path artifact = save();
  fs::resize_file(artifact / "model.safetensors", 100);
  EXPECT_THAT(error_of([&] { (void)open(artifact); }), HasSubstr("model.safetensors"));
}

TEST_F(OpenedModelTest, NeedsTokenizerFilesOnlyWhenTheTokenizerIsAskedFor) {
  const OpenedModel opened = open(source_);
  EXPECT_THROW((void)opened.tokenizer(), Error);
  const fs::path with = write_tiny_checkpoint(temporary_.path() / "t", {.vocab = 257});
  write_tiny_tokenizer(with);
  EXPECT_EQ(open(with).tokenizer().encode("A").size(), 1U);
  EXPECT_FALSE(open(with).chat_template().has_value());
}

TEST_F(OpenedModelTest, RefusesATokenizerOfMoreTokensThanTheModelHas) {
  write_tiny_tokenizer(source_);
  EXPECT_THAT(error_of([&] { (void)open(source_); }), HasSubstr("vocab_size is 40"));
}

TEST(BundledModel, RoundTripsThroughAnArtifactBitForBit) {
  const fs::path bundled = testing::source_root() / "models" / "stac-tiny";
  if (!fs::exists(bundled / "model.safetensors")) FAIL() << "models/stac-tiny is not there";
  const TemporaryFolder temporary;
  const Conversion conversion = convert_folder(bundled);
  const OpenedModel opened =
      open_model({.model = save_artifact(conversion, temporary.path() / "a", Overwrite::refuse).string()});
  EXPECT_EQ(opened.manifest()["coverage"], 1.0);
  EXPECT_TRUE(at::equal(logits_of(opened.spiking(snn::EngineKind::fused)), logits_of(*network_of(conversion))));
  EXPECT_LT((logits_of(opened.ann()) - logits_of(*opened.source())).abs().max().item<float>(), 1e-6);
  EXPECT_GT(opened.tokenizer().encode("Hello there.").size(), 0U);
  EXPECT_TRUE(opened.chat_template().has_value());
}

}  // namespace
}  // namespace stac::convert
