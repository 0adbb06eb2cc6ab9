#include "stac/convert/quantization.hpp"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "convert/artifact_tensors.hpp"
#include "convert_test_support.hpp"
#include "stac/convert/opened_model.hpp"
#include "stac/convert/planning.hpp"
#include "stac/io/safetensors.hpp"
#include "stac/model/dense_model.hpp"
#include "stac/model/tensors.hpp"
#include "stac/snn/folding.hpp"
#include "support/random_transformer.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::random_transformer;
using testing::RandomTransformer;
using testing::TemporaryFolder;
using testing::write_tiny_checkpoint;

model::Projection random_projection(std::int64_t outputs, std::int64_t inputs) {
  at::manual_seed(5);
  return {at::randn({outputs, inputs}) * at::randn({outputs, 1}).exp(), at::randn({outputs})};
}

snn::SpikingLinear folded(const model::Projection& projection, const model::Norm& norm = {},
                          const snn::Population& inputs = {{8, 2}}) {
  return snn::fold(projection, norm, inputs, {});
}

TEST(Quantization, MissesNoWeightByMoreThanHalfAScale) {
  const model::Projection projection = random_projection(31, 47);
  const snn::QuantizedLinear linear = quantize(folded(projection));
  const at::Tensor scale = linear.scale.unsqueeze(1);
  const at::Tensor missed = (linear.weight.to(at::kFloat) * scale - projection.weight).abs();
  EXPECT_TRUE((missed <= 0.5001F * scale).all().item<bool>());
  EXPECT_TRUE((linear.weight.abs().to(at::kInt).amax(1) == 127).all().item<bool>());
  EXPECT_TRUE(at::equal(linear.bias, projection.bias));
}

TEST(Quantization, SurvivesARowOfZeros) {
  const snn::QuantizedLinear linear = quantize(folded({at::zeros({2, 3}), at::ones({2})}));
  EXPECT_EQ(linear.scale.abs().sum().item<float>(), 0.0F);
  EXPECT_EQ(linear.weight.abs().sum().item<std::int64_t>(), 0);
}

TEST(Quantization, FoldsNormAndProfileIn) {
  const model::Projection projection = random_projection(6, 5);
  const model::Norm norm{at::rand({5}) + 0.5, at::randn({5})};
  const snn::Population inputs{{8, 2}, 0, {0.5F, 1.0F, 1.5F, 0.75F, 1.25F}};
  const snn::QuantizedLinear linear = quantize(folded(projection, norm, inputs));
  const at::Tensor wanted = projection.weight * norm.weight * at::tensor(inputs.profile);
  const at::Tensor scale = linear.scale.unsqueeze(1);
  EXPECT_TRUE(((linear.weight.to(at::kFloat) * scale - wanted).abs() <= 0.5001F * scale).all().item<bool>());
  const at::Tensor bias = projection.bias + projection.weight.mv(norm.bias);
  EXPECT_TRUE(at::allclose(linear.bias, bias, 1e-5, 1e-5));
}

TEST(Quantization, RestReachesTheOutputsOfInt8WeightsToo) {
  const model::Projection projection = random_projection(6, 5);
  snn::Population inputs{{8, 2}, 0, {0.5F, 1.0F, 1.5F, 0.75F, 1.25F}};
  const snn::QuantizedLinear linear = quantize(folded(projection, {}, inputs));
  const std::vector<double> before = snn::fold(linear, inputs, {}).bias;
  inputs.rest = {0.1F, -0.2F, 0.3F, 0.0F, -0.4F};
  const std::vector<double> after = snn::fold(linear, inputs, {}).bias;
  const at::Tensor expected = projection.weight.mv(at::tensor(inputs.rest));
  for (std::int64_t o = 0; o < 6; ++o) {
    const double most = 0.51 * linear.scale[o].item<double>() * (0.1 / 0.5 + 0.2 + 0.3 / 1.5 + 0.4 / 1.25);
    EXPECT_NEAR(after[o] - before[o], expected[o].item<double>(), most);
  }
}

/// Logits of `m` in int8 under these options, spiking.
at::Tensor spiking_logits(const RandomTransformer& m, const ConversionOptions& options, snn::EngineKind engine) {
  const snn::Plan plan = make_plan(options, m.config, m.weights);
  return logits_of(*spiking_model(m.config, m.weights, plan, engine, quantize(m.weights, plan)));
}

TEST(Quantization, EnginesAgreeBitForBit) {
  const RandomTransformer m = random_transformer({});
  for (const snn::Code& code :
       {snn::Code{8, 2}, snn::Code{4, 3}, snn::Code{12, 2}, snn::Code{6, 2, snn::CodeKind::lif}}) {
    for (const std::int64_t group : {0, 8}) {
      const ConversionOptions options =
          resolved({.code = code, .group = group, .profile = ProfileChoice::weights, .quantize = QuantizeChoice::int8});
      EXPECT_TRUE(at::equal(spiking_logits(m, options, snn::EngineKind::fused),
                            spiking_logits(m, options, snn::EngineKind::temporal)))
          << snn::code_text(code) << " group " << group;
    }
  }
}

TEST(Quantization, LongWindowsApproachTheDequantizedModel) {
  const RandomTransformer m = random_transformer({});
  const ConversionOptions options = resolved({.code = {16, 2}, .profile = ProfileChoice::weights});
  const snn::Plan plan = make_plan(options, m.config, m.weights);
  const model::DenseModel dense(m.config, dequantized(quantize(m.weights, plan), plan, m.config, m.weights));
  const at::Tensor expected = logits_of(dense);
  EXPECT_TRUE(at::allclose(spiking_logits(m, options, snn::EngineKind::fused), expected, 1e-3, 1e-3));
  EXPECT_FALSE(at::allclose(logits_of(model::DenseModel(m.config, m.weights)), expected, 1e-4, 1e-4));
}

TEST(Quantization, AnArtifactHoldsIntegersAndEmbeddingsAndOpensBitForBit) {
  const TemporaryFolder temporary;
  const fs::path source = write_tiny_checkpoint(temporary.path() / "m");
  for (const ConversionOptions& options :
       {ConversionOptions{.quantize = QuantizeChoice::int8},
        ConversionOptions{.code = {4, 3}, .quantize = QuantizeChoice::int8},
        ConversionOptions{.code = {4, 3}, .activation = ActivationChoice::relu, .quantize = QuantizeChoice::int8},
        ConversionOptions{.code = {4, 3}, .quantize = QuantizeChoice::int8, .simplified = true}}) {
    const Conversion conversion = convert_folder(source, options);
    const fs::path folder = save_artifact(conversion, temporary.path() / "a", Overwrite::replace);
    const auto tensors = io::SafetensorsFile::open(folder / "model.safetensors");
    EXPECT_EQ(tensors->tensor("stac.0.down.weight").dtype, io::DType::i8);
    EXPECT_FALSE(tensors->contains("h.0.mlp.c_proj.weight"));
    const OpenedModel opened = open_model({.model = folder.string()});
    EXPECT_TRUE(at::equal(logits_of(opened.spiking(snn::EngineKind::fused)), logits_of(*network_of(conversion))));
    EXPECT_TRUE(
        at::equal(logits_of(opened.ann()), logits_of(model::DenseModel(conversion.config, *conversion.weights))));
    ASSERT_NE(opened.source(), nullptr);
    EXPECT_FALSE(at::equal(logits_of(*opened.source()), logits_of(opened.ann())));
  }
}

class OneTensor : public io::TensorStore {
 public:
  OneTensor(const io::TensorStore& store, std::string name, std::optional<at::Tensor> instead)
      : store_(store), name_(std::move(name)), instead_(std::move(instead)) {}
  [[nodiscard]] std::vector<std::string> names() const override { return store_.names(); }
  [[nodiscard]] bool contains(const std::string& name) const override {
    return store_.contains(name) && (name != name_ || instead_);
  }
  [[nodiscard]] io::TensorView tensor(const std::string& name) const override {
    return name == name_ ? model::to_view(*instead_) : store_.tensor(name);
  }
  [[nodiscard]] fs::path file_of(const std::string& name) const override { return store_.file_of(name); }

 private:
  const io::TensorStore& store_;
  std::string name_;
  std::optional<at::Tensor> instead_;
};

TEST(Quantization, RefusesTensorsThatAreMissingOrOfAnotherShapeOrType) {
  const TemporaryFolder temporary;
  const fs::path source = write_tiny_checkpoint(temporary.path() / "m");
  const Conversion conversion = convert_folder(source, {.quantize = QuantizeChoice::int8});
  const Artifact artifact =
      load_artifact(save_artifact(conversion, temporary.path() / "a", Overwrite::refuse), io::HashPolicy::recomputed);
  const std::string name = "stac.1.up.scale";
  for (const std::optional<at::Tensor>& instead :
       {std::optional<at::Tensor>(), std::optional(at::ones({3})),
        std::optional(at::ones({conversion.config.intermediate_size}, at::kDouble))}) {
    const OneTensor tensors(*artifact.checkpoint.tensors, name, instead);
    EXPECT_THAT(error_of([&] { (void)load_quantized(conversion.config, tensors); }), HasSubstr(name));
  }
}

}  // namespace
}  // namespace stac::convert
