#include "stac/convert/manifest.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "convert_test_support.hpp"
#include "stac/io/sha256.hpp"
#include "stac/version.hpp"

namespace stac::convert {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

Manifest example() {
  const std::string digits(64, 'a');
  return {"0.1.0",
          {"m", "/models/m", digits},
          {{5, 2, snn::CodeKind::phase, 1.75, 2, 0.125, 1.5},
           16,
           ThresholdChoice::fixed,
           ProfileChoice::best,
           ActivationChoice::relu,
           QuantizeChoice::int8,
           RoundingChoice::compensated,
           true,
           false,
           AllocationGoal{1.25, Minimise::energy, "loihi"}},
          SwapRecord{"self-generated", 4736, {{0.25, 0.125, 0.5, 0.01, "fold"}, {0.5, 0.25, 0.125, 1.0, "refit"}}},
          ThresholdRecord{"book.txt",
                          1280,
                          {{{0, snn::Site::up}, {"rms", 0.75, true, 0.25, 0.125, false}},
                           {{2, snn::Site::head}, {"none", 1.0, false, 0.5, 0.5, true}}},
                          {{"book.txt", 512, 0.25, 0.125}, {"self-generated", 256, 0.5, 0.25}}},
          AllocationRecord{
              "self-generated",
              1024,
              2048,
              {1.125, 0.0625},
              {{{0, snn::Site::up}, {{6, 2, snn::CodeKind::phase, 2.0, 2, 0.0, 1.5}, 32, 0.25, 512.5, 640.25}, 0.75},
               {{2, snn::Site::head}, {{5, 3}, 0, 0.125, 64.0}, 0.5}}},
          LogitScaleRecord{"self-generated", 512, 1.0625, 0.25, 0.125, 1.0625},
          RetargetRecord{"/models/m-snn-t8", digits, resolved({.code = {8, 2}, .goal = AllocationGoal{}}), 3},
          {32, 1.0, 2.5, 0.1},
          QualityRecord{"stories.txt",
                        16,
                        128,
                        2032,
                        12.5,
                        300,
                        {{"int8", 1.0, 0.0625, 0.875, 290}, {"spikes", 1.25, 0.125, 0.75, 280}},
                        std::array{1.125, 1.5},
                        Condition::damaged,
                        "damaged: for a reason",
                        {{0.25, 0.5}, {0.125, 0.0625}},
                        {1.5, 0.25, 0.125},
                        {{{0, snn::Site::up}, {2.5, 0.5, 0.25}}, {{2, snn::Site::head}, {1.5, 0.0, 0.125}}}},
          {"a fallback"},
          {"a warning \"quoted\", \xC3\xA9"},
          {{"config.json", {12, digits}}, {"model.safetensors", {345, digits}}}};
}

/// As the format's description says: SHA-256 of the canonical text without the digest.
std::string signed_text(json manifest) {
  manifest.erase("digest");
  manifest["digest"] = io::sha256_of(manifest.dump(2) + "\n");
  return manifest.dump(2) + "\n";
}

std::string error_after(const std::function<void(json&)>& change) {
  json manifest = json::parse(manifest_text(example()));
  change(manifest);
  return error_of([&] { (void)parse_manifest(signed_text(manifest), "a/stac.json"); });
}

TEST(Manifest, ReadsBackWhatItWrote) {
  const Manifest manifest = parse_manifest(manifest_text(example()), "stac.json");
  EXPECT_EQ(manifest_to_json(manifest), manifest_to_json(example()));
  EXPECT_EQ(manifest.options, example().options);
  EXPECT_EQ(manifest.measured, example().measured);
  EXPECT_EQ(manifest.swap, example().swap);
  EXPECT_EQ(manifest.calibration, example().calibration);
  EXPECT_EQ(manifest.allocation, example().allocation);
  EXPECT_EQ(manifest.logit_scale, example().logit_scale);
  EXPECT_EQ(manifest.quality, example().quality);
  EXPECT_EQ(manifest.retargeted, example().retargeted);
  EXPECT_EQ(manifest.source.path, "/models/m");
  EXPECT_EQ(manifest.files.at("model.safetensors").size, 345U);
}

TEST(Manifest, IsSignedAsTheFormatSays) {
  EXPECT_EQ(signed_text(json::parse(manifest_text(example()))), manifest_text(example()));
}

TEST(Manifest, RefusesAnUnknownFormatVersionByName) {
  EXPECT_THAT(error_after([](json& m) { m["format_version"] = 4; }), HasSubstr("'format_version' 4 is unknown"));
  EXPECT_THAT(error_after([](json& m) { m["format"] = "other"; }), HasSubstr("'format'"));
}

TEST(Manifest, RefusesChosenCodesOutOfRange) {
  const auto change = [](const char* field, const json& value) {
    return error_after([&](json& m) { m["allocation"]["sites"][0][field] = value; });
  };
  EXPECT_THAT(change("site", "nose"), HasSubstr("'allocation.sites.site'"));
  EXPECT_THAT(change("timesteps", 0), HasSubstr("timesteps"));
  EXPECT_THAT(change("base", 5), HasSubstr("base"));
  EXPECT_THAT(change("headroom", -1), HasSubstr("headroom"));
  EXPECT_THAT(change("group", -1), HasSubstr("group"));
  EXPECT_THAT(error_after([](json& m) { m["goal"]["minimise"] = "money"; }), HasSubstr("'goal.minimise' is 'money'"));
  EXPECT_THAT(error_after([](json& m) { m["goal"]["max_ratio"] = 0.5; }), HasSubstr("max-ratio"));
}

TEST(Manifest, RefusesMeasurementsOutOfRangeByTheirField) {
  EXPECT_THAT(error_after([](json& m) { m["logit_scale"]["scale"] = 0.0; }), HasSubstr("'logit_scale.scale' is 0"));
  EXPECT_THAT(error_after([](json& m) { m["logit_scale"]["more"] = 1; }), HasSubstr("'logit_scale.more'"));
  EXPECT_THAT(error_after([](json& m) { m["quality"]["condition"] = "fine"; }),
              HasSubstr("'quality.condition' is 'fine'"));
  EXPECT_THAT(error_after([](json& m) { m["quality"]["steps"] = json::array(); }), HasSubstr("'quality.steps'"));
  EXPECT_THAT(error_after([](json& m) { m["quality"]["steps"][0]["kl"] = -1; }), HasSubstr("'quality.steps.kl'"));
  EXPECT_THAT(error_after([](json& m) { m["quality"]["sites"][1]["activity"]["silent"] = 1.5; }),
              HasSubstr("'quality.sites.activity.silent'"));
  EXPECT_THAT(error_after([](json& m) { m["quality"]["layers"][0].erase("in_all"); }),
              HasSubstr("'quality.layers.in_all' is missing"));
}

TEST(Manifest, HoldsNoQualityWhereNoneWasMeasured) {
  Manifest manifest = example();
  manifest.quality.reset();
  manifest.logit_scale.reset();
  const Manifest again = parse_manifest(manifest_text(manifest), "stac.json");
  EXPECT_FALSE(again.quality.has_value());
  EXPECT_FALSE(again.logit_scale.has_value());
}

TEST(Manifest, RefusesCodesOutOfRangeByTheirField) {
  EXPECT_THAT(error_after([](json& m) { m["code"] = "morse"; }), HasSubstr("'code' is 'morse'"));
  EXPECT_THAT(error_after([](json& m) { m["timesteps"] = 65; }), HasSubstr("timesteps"));
  EXPECT_THAT(error_after([](json& m) { m["base"] = 4; }), HasSubstr("base"));
  EXPECT_THAT(error_after([](json& m) { m["tau"] = 0.5; }), HasSubstr("tau"));
  EXPECT_THAT(error_after([](json& m) { m["headroom"] = 0.0; }), HasSubstr("headroom"));
  EXPECT_THAT(error_after([](json& m) { m["group"] = -1; }), HasSubstr("'group'"));
  EXPECT_THAT(error_after([](json& m) { m["profile"] = "tall"; }), HasSubstr("'profile' is 'tall'"));
}

TEST(Manifest, RefusesEveryMissingFieldByName) {
  const json whole = json::parse(manifest_text(example()));
  for (const auto& [field, value] : whole.items()) {
    if (field == "digest") continue;
    EXPECT_THAT(error_after([&](json& m) { m.erase(field); }), HasSubstr("a/stac.json: '" + field + "' is missing"));
  }
}

TEST(Manifest, RefusesEveryFieldOfAWrongTypeByName) {
  const json whole = json::parse(manifest_text(example()));
  for (const auto& [field, value] : whole.items()) {
    if (field == "digest") continue;
    const json wrong = value.is_boolean() ? json("none") : json(true);
    EXPECT_THAT(error_after([&](json& m) { m[field] = wrong; }), HasSubstr("'" + field + "'"));
  }
  EXPECT_THAT(error_after([](json& m) { m["warnings"] = {1}; }), HasSubstr("'warnings'"));
  EXPECT_THAT(error_after([](json& m) { m["source"]["sha256"] = "12"; }), HasSubstr("'source.sha256'"));
  EXPECT_THAT(error_after([](json& m) { m["files"]["config.json"]["size"] = -1; }), HasSubstr("config.json.size'"));
}

TEST(Manifest, RefusesValuesOutsideTheirRangeByName) {
  for (const int timesteps : {0, -1, 65}) {
    EXPECT_THAT(error_after([&](json& m) { m["timesteps"] = timesteps; }), HasSubstr("timesteps"));
  }
  EXPECT_THAT(error_after([](json& m) { m["activation"] = "tanh"; }), HasSubstr("'activation'"));
  EXPECT_THAT(error_after([](json& m) { m["quantize"] = "int4"; }), HasSubstr("'quantize'"));
  EXPECT_THAT(error_after([](json& m) { m["rounding"] = "up"; }), HasSubstr("'rounding' is 'up'"));
  EXPECT_THAT(error_after([](json& m) { m["coverage"] = 1.5; }), HasSubstr("'coverage'"));
}

TEST(Manifest, RefusesUnknownFieldsAndFilesOutsideTheFolder) {
  EXPECT_THAT(error_after([](json& m) { m["more"] = 1; }), HasSubstr("'more'"));
  for (const char* const name : {"../config.json", "/etc/passwd", "a/b", "..", ".hidden", ""}) {
    EXPECT_THAT(error_after([&](json& m) { m["files"][name] = m["files"]["config.json"]; }),
                HasSubstr("is not the name of a file"));
  }
}

TEST(Manifest, RefusesATextThatWasEditedAfterwards) {
  const std::string text = manifest_text(example());
  std::string other_t = text;
  other_t.replace(other_t.find("\"timesteps\": 5"), 14, "\"timesteps\": 6");
  for (const std::string& edited : {other_t, text + " ", " " + text, json::parse(text).dump()}) {
    EXPECT_THAT(error_of([&] { (void)parse_manifest(edited, "stac.json"); }), HasSubstr("changed after"));
  }
}

TEST(Manifest, RefusesEveryCutText) {
  const std::string text = manifest_text(example());
  for (std::size_t length = 0; length < text.size(); length += 7) {
    EXPECT_THAT(error_of([&] { (void)parse_manifest(text.substr(0, length), "stac.json"); }), HasSubstr("stac.json"));
  }
}

TEST(Version, IsTheOneOfTheBuild) {
  const std::string build = read_bytes(testing::source_root() / "CMakeLists.txt");
  EXPECT_THAT(build, HasSubstr("project(stac VERSION " + std::string(kVersion) + " "));
}

}  // namespace
}  // namespace stac::convert
