#include "stac/convert/retarget.hpp"

#include <gmock/gmock.h>

#include "convert_test_support.hpp"
#include "stac/convert/opened_model.hpp"
#include "stac/io/sha256.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;
using snn::CodeKind;
using snn::Site;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TemporaryFolder;
using testing::write_tiny_checkpoint;

class Retarget : public ::testing::Test {
 protected:
  Artifact saved(const ConversionOptions& options) {
    return load_artifact(save_artifact(convert_folder(source_, options), temporary_.path() / "a", Overwrite::replace));
  }
  /// Written, and opened again.
  OpenedModel written(const Artifact& artifact, const CodeChange& change) {
    const Conversion conversion = calibrate_timesteps(artifact, change);
    return open_model({.model = save_artifact(conversion, temporary_.path() / "r", Overwrite::replace).string()});
  }

  TemporaryFolder temporary_;
  fs::path source_ = write_tiny_checkpoint(temporary_.path() / "m");
};

std::int64_t rests_in(const snn::Plan& plan) {
  std::int64_t count = 0;
  snn::for_each_site(plan.layers(),
                     [&](std::int64_t layer, Site site) { count += plan.at(layer, site).rest.empty() ? 0 : 1; });
  return count;
}

TEST_F(Retarget, ToItsOwnCodeGivesTheSameLogitsBitForBit) {
  for (const ConversionOptions& options :
       {ConversionOptions{}, ConversionOptions{.code = {4, 3}, .simplified = true}, ConversionOptions{.code = {3, 3}},
        ConversionOptions{.threshold = ThresholdChoice::fixed},
        ConversionOptions{.activation = ActivationChoice::relu, .quantize = QuantizeChoice::int8},
        ConversionOptions{.code = {4, 3}, .quantize = QuantizeChoice::int8}}) {
    const Conversion conversion = convert_folder(source_, options);
    const Artifact artifact = load_artifact(save_artifact(conversion, temporary_.path() / "a", Overwrite::replace));
    const Conversion same = calibrate_timesteps(artifact, {.timesteps = options.code.timesteps});
    EXPECT_EQ(same.plan, conversion.plan);
    EXPECT_TRUE(at::equal(logits_of(*network_of(same)), logits_of(*network_of(conversion))));
    EXPECT_EQ(same.measured, conversion.measured);
    EXPECT_EQ(same.retargeted->dropped_rests, 0);
  }
}

TEST_F(Retarget, WithoutDataIsTheConversionAtTheNewCodeBitForBit) {
  const snn::Code codes[] = {{8, 2},
                             {5, 3},
                             {5, 2},
                             {16, 2, CodeKind::rate},
                             {8, 2, CodeKind::phase, 2.0, 2, 0.1, 1.5},
                             {12, 2, CodeKind::lif, 3.0}};
  for (const snn::Code& from : codes) {
    const Artifact artifact = saved({.code = from, .simplified = true});
    for (const snn::Code& to : codes) {
      CodeChange change{.timesteps = to.timesteps,
                        .kind = to.kind,
                        .spike_budget = to.spike_budget,
                        .dead_zone = to.dead_zone,
                        .headroom = to.headroom};
      if (to.kind == CodeKind::phase) change.base = to.base;
      if (to.kind == CodeKind::lif) change.tau = to.tau;
      const Conversion direct = convert_folder(source_, {.code = to, .simplified = true});
      const Conversion retargeted = calibrate_timesteps(artifact, change);
      EXPECT_EQ(retargeted.options, direct.options);
      EXPECT_EQ(retargeted.plan, direct.plan) << code_text(from) << " to " << code_text(to);
      EXPECT_TRUE(at::equal(logits_of(*network_of(retargeted)), logits_of(*network_of(direct))));
    }
  }
}

TEST_F(Retarget, NeedsNeitherTheSourceNorData) {
  const Conversion direct = convert_folder(source_, {.code = {5, 3}, .simplified = true});
  const Artifact artifact = saved({.simplified = true});
  fs::remove_all(source_);
  const OpenedModel opened = written(artifact, {.timesteps = 5, .base = 3});
  EXPECT_TRUE(at::equal(logits_of(opened.spiking(snn::EngineKind::fused)), logits_of(*network_of(direct))));
  EXPECT_TRUE(at::equal(logits_of(opened.spiking(snn::EngineKind::temporal)), logits_of(*network_of(direct))));
}

TEST_F(Retarget, IsRecordedInTheManifest) {
  const Artifact artifact = saved({.code = {6, 2}});
  const OpenedModel opened = written(artifact, {.timesteps = 7});
  EXPECT_EQ(opened.manifest()["timesteps"], 7);
  const nlohmann::json& record = opened.manifest()["retargeted"];
  EXPECT_EQ(record["from"], artifact.folder.string());
  EXPECT_EQ(record["sha256"], io::sha256_of_file(artifact.folder / "stac.json"));
  EXPECT_EQ(record["options"]["timesteps"], 6);
  EXPECT_EQ(opened.manifest()["source"]["name"], "m");
  ASSERT_NE(opened.source(), nullptr);  // the checkpoint, not the artifact
  EXPECT_TRUE(saved({.code = {6, 2}}).manifest.retargeted == std::nullopt);
}

TEST_F(Retarget, KeepsIntegerAndRefittedWeightsByteForByte) {
  for (const QuantizeChoice quantize : {QuantizeChoice::none, QuantizeChoice::int8}) {
    const Artifact artifact = saved({.activation = ActivationChoice::relu, .quantize = quantize});
    const Conversion conversion = calibrate_timesteps(artifact, {.timesteps = 5, .base = 3});
    const Artifact again = load_artifact(save_artifact(conversion, temporary_.path() / "r", Overwrite::replace));
    EXPECT_EQ(again.manifest.swap, artifact.manifest.swap);
    for (const std::string& name : artifact.checkpoint.tensors->names()) {
      const io::TensorView a = artifact.checkpoint.tensors->tensor(name), b = again.checkpoint.tensors->tensor(name);
      EXPECT_TRUE(std::ranges::equal(a.bytes, b.bytes)) << name;
    }
  }
}

TEST_F(Retarget, LeavesTheProfileThatIsFoldedIntoIntegerWeights) {
  const Artifact artifact = saved({.quantize = QuantizeChoice::int8, .simplified = true});
  const Conversion conversion = calibrate_timesteps(artifact, {.timesteps = 4, .base = 3});
  EXPECT_EQ(conversion.options.profile, ProfileChoice::none);
  EXPECT_THAT(conversion.warnings, Contains(HasSubstr("without the channel profile")));
  const Conversion direct = convert_folder(
      source_, {.code = {4, 3}, .profile = ProfileChoice::none, .quantize = QuantizeChoice::int8, .simplified = true});
  EXPECT_TRUE(at::equal(logits_of(*network_of(conversion)), logits_of(*network_of(direct))));
  EXPECT_THAT(error_of([&] { (void)calibrate_timesteps(artifact, {.profile = ProfileChoice::weights}); }),
              HasSubstr("profile weights: another one is folded into the int8 weights"));
}

TEST_F(Retarget, CarriesCalibratedProfilesAndStaticFullScalesAndDropsRests) {
  const Artifact artifact = saved({.code = {3, 3}, .threshold = ThresholdChoice::fixed, .profile = ProfileChoice::rms});
  const OpenedModel before = open_model({.model = artifact.folder.string()});
  const snn::Plan& old = before.spiking(snn::EngineKind::fused).network().plan();
  const Conversion conversion = calibrate_timesteps(artifact, {.timesteps = 8, .base = 2});
  ASSERT_GT(rests_in(old), 0);
  EXPECT_EQ(rests_in(conversion.plan), 0);
  EXPECT_EQ(conversion.retargeted->dropped_rests, rests_in(old));
  snn::for_each_site(old.layers(), [&](std::int64_t layer, Site site) {
    const snn::Population& was = old.at(layer, site);
    const snn::Population& is = conversion.plan.at(layer, site);
    EXPECT_EQ(is.profile, was.profile);
    EXPECT_EQ(is.full_scale, was.full_scale);
    EXPECT_EQ(is.group, was.group);
    EXPECT_EQ(is.code, (snn::Code{8, 2}));
  });
  EXPECT_THAT(error_of([&] { (void)calibrate_timesteps(artifact, {.group = 2}); }),
              HasSubstr("group: static full scales were calibrated for groups of 4"));
}

TEST_F(Retarget, OfAnAllocatedArtifactGivesEverySiteOneCode) {
  const Artifact artifact = saved({.profile = ProfileChoice::weights, .goal = AllocationGoal{.max_ratio = 1.05}});
  ASSERT_TRUE(artifact.manifest.allocation.has_value());
  const OpenedModel opened = written(artifact, {.timesteps = 7});
  EXPECT_TRUE(opened.manifest()["allocation"].is_null());
  EXPECT_TRUE(opened.manifest()["goal"].is_null());
  const Conversion direct = convert_folder(source_, {.code = {7, 2}, .profile = ProfileChoice::weights});
  EXPECT_TRUE(at::equal(logits_of(opened.spiking(snn::EngineKind::fused)), logits_of(*network_of(direct))));
}

TEST_F(Retarget, TellsWhatTheConversionBeforeFellBackOn) {
  Conversion conversion = convert_folder(source_);
  conversion.fallbacks = {"less text than asked for"};
  const Conversion once = calibrate_timesteps(conversion, {.timesteps = 6});
  EXPECT_THAT(once.fallbacks, ::testing::ElementsAre("before it was retargeted: less text than asked for"));
  EXPECT_EQ(calibrate_timesteps(once, {.timesteps = 5}).fallbacks, once.fallbacks);
}

TEST_F(Retarget, WorksInMemoryAsOnDisk) {
  const Artifact artifact = saved({.activation = ActivationChoice::relu, .quantize = QuantizeChoice::int8});
  const CodeChange change{.timesteps = 5, .base = 3, .spike_budget = 3};
  const OpenedModel on_disk = written(artifact, change);
  const OpenedModel opened = open_model({.model = artifact.folder.string()});
  const OpenedModel in_memory = opened.calibrate_timesteps(change);
  const at::Tensor expected = logits_of(on_disk.spiking(snn::EngineKind::fused));
  EXPECT_TRUE(at::equal(logits_of(in_memory.spiking(snn::EngineKind::fused)), expected));
  EXPECT_TRUE(at::equal(logits_of(in_memory.spiking(snn::EngineKind::temporal)), expected));
  EXPECT_FALSE(at::equal(logits_of(opened.spiking(snn::EngineKind::fused)), expected));
  EXPECT_TRUE(at::equal(logits_of(*in_memory.source()), logits_of(*opened.source())));
  EXPECT_THAT(in_memory.description(), HasSubstr("retargeted in memory"));
  const Conversion conversion = convert_folder(source_);
  EXPECT_EQ(calibrate_timesteps(conversion, {.timesteps = 5}).retargeted->from, "memory");
}

TEST_F(Retarget, RefusesWhatCannotChangeByItsName) {
  const ConversionOptions plain = resolved({}), rate = resolved({.code = {8, 2, CodeKind::rate}});
  const auto refusal = [](const ConversionOptions& options, const CodeChange& change) {
    return error_of([&] { (void)retargeted(options, change); });
  };
  EXPECT_THAT(refusal(plain, {}), HasSubstr("nothing is to change"));
  EXPECT_THAT(refusal(plain, {.timesteps = 65}), HasSubstr("timesteps"));
  EXPECT_THAT(refusal(plain, {.tau = 3.0}), StartsWith("tau"));
  EXPECT_THAT(refusal(rate, {.base = 3}), StartsWith("base"));
  EXPECT_THAT(refusal(plain, {.profile = ProfileChoice::rms}), HasSubstr("profile rms: needs data"));
  EXPECT_THAT(refusal(resolved({.threshold = ThresholdChoice::fixed}), {.profile = ProfileChoice::none}),
              HasSubstr("profile none: static full scales"));
  EXPECT_THAT(refusal(rate, {.base = 3, .kind = CodeKind::phase}), IsEmpty());
}

}  // namespace
}  // namespace stac::convert
