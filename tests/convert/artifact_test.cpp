#include "stac/convert/artifact.hpp"

#include <gmock/gmock.h>

#include "convert_test_support.hpp"
#include "stac/convert/opened_model.hpp"
#include "stac/convert/planning.hpp"
#include "stac/io/json_file.hpp"
#include "stac/io/safetensors.hpp"
#include "stac/io/sha256.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TemporaryFolder;
using testing::TinyCheckpoint;
using testing::write_tiny_checkpoint;

std::vector<std::string> names_of(const io::Checkpoint& checkpoint) { return checkpoint.tensors->names(); }

TEST(Artifact, SpikesLikeTheConversionItWasSavedFromBitForBit) {
  for (const io::DType dtype : {io::DType::f32, io::DType::bf16, io::DType::f16}) {
    const TemporaryFolder temporary;
    const fs::path source = write_tiny_checkpoint(temporary.path() / "m", {.dtype = dtype, .prefix = "transformer."});
    const Conversion conversion = convert_folder(source, {});
    const fs::path folder = save_artifact(conversion, temporary.path() / "a", Overwrite::refuse);

    const Artifact artifact = load_artifact(folder, io::HashPolicy::recomputed);
    const model::TransformerConfig config = model::parse_config(artifact.checkpoint.config);
    const model::LoadedWeights loaded = model::load_weights(config, *artifact.checkpoint.tensors);
    const snn::Plan plan = make_plan(artifact.manifest.options, config, loaded.weights);
    const auto network = spiking_model(config, loaded.weights, plan, snn::EngineKind::fused);
    EXPECT_TRUE(at::equal(logits_of(*network), logits_of(*network_of(conversion)))) << io::dtype_name(dtype);
  }
}

TEST(Artifact, OfCalibratedThresholdsGivesTheLogitsOfTheConversionBitForBit) {
  const TemporaryFolder temporary;
  const fs::path source = write_tiny_checkpoint(temporary.path() / "m");
  for (const ConversionOptions& options :
       {ConversionOptions{.code = {4, 3}, .threshold = ThresholdChoice::fixed}, ConversionOptions{.code = {3, 3}}}) {
    const Conversion conversion = convert_folder(source, options);
    ASSERT_TRUE(conversion.calibration.has_value());
    const OpenedModel opened =
        open_model({.model = save_artifact(conversion, temporary.path() / "a", Overwrite::replace).string()});
    EXPECT_TRUE(at::equal(logits_of(opened.spiking(snn::EngineKind::fused)), logits_of(*network_of(conversion))));
    EXPECT_TRUE(at::equal(logits_of(opened.spiking(snn::EngineKind::temporal)), logits_of(*network_of(conversion))));
  }
}

TEST(Artifact, HoldsTheSourcesConfigAndNumbersByteForByteWithoutBuffersAndSurplus) {
  const TemporaryFolder temporary;
  const fs::path source = write_tiny_checkpoint(
      temporary.path() / "m", {.dtype = io::DType::bf16, .mask_buffers = true, .surplus = "foreign.weight"});
  const io::Checkpoint checkpoint = io::open_checkpoint(source);
  const fs::path folder = save_artifact(convert(checkpoint, {}), temporary.path() / "a", Overwrite::refuse);
  EXPECT_EQ(read_bytes(folder / "config.json"), read_bytes(source / "config.json"));

  const io::Checkpoint saved = io::open_checkpoint(folder);
  std::vector<std::string> expected = names_of(checkpoint);
  std::erase_if(expected, [](const std::string& name) { return name.ends_with(".attn.bias") || name[0] == 'f'; });
  EXPECT_EQ(names_of(saved), expected);
  for (const std::string& name : expected) {
    const io::TensorView a = checkpoint.tensors->tensor(name);
    const io::TensorView b = saved.tensors->tensor(name);
    EXPECT_EQ(a.dtype, b.dtype) << name;
    EXPECT_EQ(a.shape, b.shape) << name;
    EXPECT_TRUE(std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end())) << name;
  }
}

TEST(Artifact, CarriesTokenizerAndLicenceFilesAndAModelCard) {
  const TemporaryFolder temporary;
  const fs::path source = write_tiny_checkpoint(temporary.path() / "m");
  write_bytes(source / "tokenizer_config.json", "{}\n");
  write_bytes(source / "LICENSE", "Do as you like.\n");
  write_bytes(source / "notes.txt", "not of the model\n");
  write_bytes(source / "README.md", "---\ntags: [x]\nlicense: apache-2.0\n---\n");
  const fs::path folder = save_artifact(convert_folder(source), temporary.path() / "a", Overwrite::refuse);
  EXPECT_THAT(names_in(folder), ElementsAre("LICENSE", "README.md", "config.json", "model.safetensors", "stac.json",
                                            "tokenizer_config.json"));
  EXPECT_EQ(read_bytes(folder / "LICENSE"), "Do as you like.\n");
  EXPECT_THAT(read_bytes(folder / "README.md"), HasSubstr("license: apache-2.0"));
  EXPECT_THAT(read_bytes(folder / "README.md"), HasSubstr("| timesteps of a window | 8 |"));
}

TEST(Artifact, SaysInItsManifestWhatItIsAndWhatItWasMadeFrom) {
  const TemporaryFolder temporary;
  const fs::path source = write_tiny_checkpoint(temporary.path() / "m");
  const fs::path folder =
      save_artifact(convert_folder(source, {.simplified = true}), temporary.path() / "a", Overwrite::refuse);
  const nlohmann::json manifest = io::read_json_file(folder / "stac.json");
  EXPECT_EQ(manifest["format_version"], kArtifactFormatVersion);
  EXPECT_EQ(manifest["timesteps"], 8);
  EXPECT_EQ(manifest["code"], "phase");
  EXPECT_EQ(manifest["base"], 2);
  EXPECT_EQ(manifest["thresholds"], "adaptive");
  EXPECT_EQ(manifest["activation"], "keep");
  EXPECT_EQ(manifest["quantize"], "none");
  EXPECT_EQ(manifest["simplified"], true);
  EXPECT_EQ(manifest["coverage"], 1.0);
  EXPECT_EQ(manifest["fallbacks"], nlohmann::json::array());
  EXPECT_EQ(manifest["source"]["name"], "m");
  EXPECT_EQ(manifest["source"]["path"], fs::canonical(source).string());
  const std::string listing = io::sha256_of_file(source / "config.json") + "  config.json\n" +
                              io::sha256_of_file(source / "model.safetensors") + "  model.safetensors\n";
  EXPECT_EQ(manifest["source"]["sha256"], io::sha256_of(listing));
  EXPECT_GT(manifest["measured"]["spikes_per_activation"], 1.0);
  for (const auto& [name, file] : manifest["files"].items()) {
    EXPECT_EQ(file["sha256"], io::sha256_of_file(folder / name)) << name;
    EXPECT_EQ(file["size"], fs::file_size(folder / name)) << name;
  }
  EXPECT_EQ(manifest["files"].size(), 2U);
}

TEST(Artifact, ReplacesAnExistingOneOnlyWhenTold) {
  const TemporaryFolder temporary;
  const Conversion first = convert_folder(write_tiny_checkpoint(temporary.path() / "m", {.seed = 1}));
  const Conversion second = convert_folder(write_tiny_checkpoint(temporary.path() / "n", {.seed = 2}));
  const fs::path output = temporary.path() / "a";
  save_artifact(first, output, Overwrite::refuse);
  EXPECT_THAT(error_of([&] { require_writable_output(output, second.source, Overwrite::refuse); }),
              HasSubstr(output.filename().string()));
  EXPECT_THROW(save_artifact(second, output, Overwrite::refuse), Error);
  EXPECT_EQ(load_artifact(output).manifest.source.name, "m");
  require_writable_output(output, second.source, Overwrite::replace);
  save_artifact(second, output, Overwrite::replace);
  EXPECT_EQ(load_artifact(output).manifest.source.name, "n");
  EXPECT_THAT(names_in(temporary.path()), ElementsAre("a", "m", "n"));
}

TEST(Artifact, IsNeverWrittenOverIntoOrAroundItsSource) {
  const TemporaryFolder temporary;
  const fs::path source = write_tiny_checkpoint(temporary.path() / "models" / "m");
  const Conversion conversion = convert_folder(source);
  fs::create_directory_symlink(source, temporary.path() / "link");
  for (const fs::path& output : {source, source / "a", source.parent_path(), temporary.path() / "link",
                                 temporary.path() / "link" / "a", source / ".." / "m"}) {
    EXPECT_THROW(require_writable_output(output, conversion.source, Overwrite::replace), Error) << output;
    EXPECT_THROW(save_artifact(conversion, output, Overwrite::replace), Error) << output;
  }
  EXPECT_THAT(names_in(source), ElementsAre("config.json", "model.safetensors"));
}

TEST(Artifact, ReplacesNothingButArtifacts) {
  const TemporaryFolder temporary;
  const Conversion conversion = convert_folder(write_tiny_checkpoint(temporary.path() / "m"));
  const fs::path other = write_tiny_checkpoint(temporary.path() / "other");
  fs::create_directories(temporary.path() / "home" / "documents");
  fs::create_directories(temporary.path() / "letters");
  write_bytes(temporary.path() / "letters" / "thesis.txt", "years of work");
  for (const fs::path& output : {other, temporary.path() / "home", temporary.path() / "letters"}) {
    EXPECT_THROW(save_artifact(conversion, output, Overwrite::replace), Error) << output;
  }
  EXPECT_THAT(names_in(other), ElementsAre("config.json", "model.safetensors"));
  EXPECT_THAT(names_in(temporary.path() / "home"), ElementsAre("documents"));
  EXPECT_THAT(names_in(temporary.path() / "letters"), ElementsAre("thesis.txt"));
}

TEST(Artifact, IsNotSavedWhenItsSourceChangedMeanwhile) {
  const TemporaryFolder temporary;
  const fs::path source = write_tiny_checkpoint(temporary.path() / "m");
  const Conversion conversion = convert_folder(source);
  write_tiny_checkpoint(source, {.seed = 9});
  EXPECT_THAT(error_of([&] { save_artifact(conversion, temporary.path() / "a", Overwrite::refuse); }),
              HasSubstr("changed while"));
  EXPECT_THAT(names_in(temporary.path()), ElementsAre("m"));
}

TEST(Artifact, IsNamedAfterModelAndTimestepsByDefault) {
  const TemporaryFolder temporary;
  const io::Checkpoint checkpoint = io::open_checkpoint(write_tiny_checkpoint(temporary.path() / "my-model"));
  EXPECT_EQ(default_output(checkpoint.name, {.code = {5, 3}}), fs::path("./my-model-snn-t5"));
}

}  // namespace
}  // namespace stac::convert
