#include "stac/convert/converter.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "convert_test_support.hpp"
#include "stac/model/dense_model.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TemporaryFolder;
using testing::write_tiny_checkpoint;

TEST(Converter, DrivesEveryProductBySpikesAndSaysSo) {
  const TemporaryFolder temporary;
  for (const snn::Code code : {snn::Code{8, 2}, snn::Code{5, 3}, snn::Code{1, 2}}) {
    const Conversion conversion = convert_folder(write_tiny_checkpoint(temporary.path() / "m"), {.code = code});
    EXPECT_EQ(conversion.measured.coverage, 1.0);
    EXPECT_EQ(conversion.measured.tokens, 32);
    EXPECT_GT(conversion.measured.spikes_per_activation, 0.0);
    EXPECT_LT(conversion.measured.spikes_per_activation, code.timesteps);
    EXPECT_THAT(conversion.warnings, Contains(HasSubstr("no tokenizer")));
  }
}

TEST(Converter, KeepsTheModelsFunction) {
  const TemporaryFolder temporary;
  const Conversion conversion = convert_folder(write_tiny_checkpoint(temporary.path() / "m"), {.code = {16, 2}});
  const model::DenseModel dense(conversion.config, *conversion.weights);
  EXPECT_LT((logits_of(dense) - logits_of(*network_of(conversion))).abs().max().item<float>(), 1e-2);
}

TEST(Converter, RefusesNanAndInfinityByFileAndTensor) {
  const float broken[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
  for (const float value : broken) {
    const TemporaryFolder temporary;
    const fs::path folder = write_tiny_checkpoint(temporary.path() / "m");
    const io::Checkpoint checkpoint = io::open_checkpoint(folder);
    const io::TensorView view = checkpoint.tensors->tensor("h.1.mlp.c_fc.weight");
    std::string bytes = read_bytes(folder / "model.safetensors");
    const std::size_t place = bytes.find(std::string(reinterpret_cast<const char*>(view.bytes.data()), 64));
    std::memcpy(bytes.data() + place + 20, &value, sizeof value);
    write_bytes(folder / "model.safetensors", bytes);
    const std::string error = error_of([&] { (void)convert_folder(folder); });
    EXPECT_THAT(error, HasSubstr("model.safetensors: tensor 'h.1.mlp.c_fc.weight' holds "));
    EXPECT_THAT(error, HasSubstr(std::isnan(value) ? "a NaN (element 5" : "an infinity (element 5"));
  }
}

TEST(Converter, WarnsOfTensorsThatTheModelDoesNotUse) {
  const TemporaryFolder temporary;
  const Conversion conversion =
      convert_folder(write_tiny_checkpoint(temporary.path() / "m", {.mask_buffers = true, .surplus = "x.weight"}));
  EXPECT_THAT(conversion.warnings, ElementsAre(HasSubstr("no tokenizer"), HasSubstr("'x.weight'")));
}

TEST(Converter, ReplacesGeluByReluOnlyWhenAskedAndRepairsIt) {
  const TemporaryFolder temporary;
  const fs::path folder = write_tiny_checkpoint(temporary.path() / "m");
  const Conversion conversion = convert_folder(folder, {.activation = ActivationChoice::relu});
  EXPECT_EQ(conversion.config.activation, model::Activation::relu);
  ASSERT_TRUE(conversion.swap.has_value());
  EXPECT_EQ(conversion.swap->text, "self-generated");
  for (const LayerRepair& layer : conversion.swap->layers) EXPECT_LT(layer.refit, layer.raw);
  EXPECT_EQ(conversion.changed.size(), 2 * conversion.swap->layers.size());
  EXPECT_FALSE(convert_folder(folder).swap.has_value());
  EXPECT_GT(
      (logits_of(*network_of(conversion)) - logits_of(*network_of(convert_folder(folder)))).abs().max().item<float>(),
      1e-2);
}

TEST(Converter, SaysWhichTimestepsCannotSpike) {
  const TemporaryFolder temporary;
  const fs::path folder = write_tiny_checkpoint(temporary.path() / "m");
  EXPECT_THAT(convert_folder(folder, {.code = {20, 3}}).warnings, Contains(HasSubstr("15 of 20 timesteps")));
}

TEST(Converter, WarnsOfTimestepsThatLeaveMostNeuronsSilent) {
  const TemporaryFolder temporary;
  const fs::path folder = write_tiny_checkpoint(temporary.path() / "m", {.hidden = 64});
  EXPECT_THAT(convert_folder(folder, {.code = {1, 2}, .group = 0}).warnings, Contains(HasSubstr("stay silent")));
  EXPECT_THAT(convert_folder(folder).warnings, ::testing::Not(Contains(HasSubstr("stay silent"))));
}

TEST(Converter, TellsItsStagesInOrder) {
  const TemporaryFolder temporary;
  std::vector<std::string> stages;
  std::vector<std::int64_t> layers;
  (void)convert(io::open_checkpoint(write_tiny_checkpoint(temporary.path() / "m")), {},
                [&](std::string_view stage, std::int64_t done, std::int64_t total) {
                  if (stages.empty() || stages.back() != stage) stages.emplace_back(stage);
                  if (stage == "measuring spikes" && total == 2) layers.push_back(done);
                });
  EXPECT_EQ(stages, (std::vector<std::string>{"checking the tokenizer", "reading weights", "hashing the source",
                                              "measuring spikes"}));
  EXPECT_EQ(layers, (std::vector<std::int64_t>{0, 1}));
}

TEST(ConversionOptions, AreRefusedOutsideTheirRange) {
  for (const snn::Code code : {snn::Code{0, 2}, snn::Code{65, 2}, snn::Code{8, 4}}) {
    EXPECT_THROW(require_valid({.code = code}), UsageError);
  }
  EXPECT_THROW((void)parse_quantize_choice("int4"), UsageError);
  EXPECT_THROW((void)parse_activation_choice("gelu"), UsageError);
  model::TransformerConfig config;
  config.activation = model::Activation::silu;
  EXPECT_THROW((void)apply({.activation = ActivationChoice::relu}, config), UsageError);
}

}  // namespace
}  // namespace stac::convert
