// A check that cannot fail is none: each is shown a part that is broken on purpose, and has to say so.
#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>

#include "check_test_support.hpp"
#include "faults.hpp"
#include "stac/io/safetensors.hpp"
#include "stac/torchscript/network_module.hpp"

namespace stac::eval {
namespace {

using ::testing::IsSupersetOf;

using Names = std::vector<std::string>;

struct Fault {
  const char* name;
  const char* model;  ///< a random checkpoint
  CheckParts parts;
  Names caught_by;
  convert::ConversionOptions options = {};
};

std::ostream& operator<<(std::ostream& stream, const Fault& fault) { return stream << fault.name; }

CheckParts with_shape(const testing::ChangeShape& change) {
  return testing::with_engine(
      [change](testing::FaultyEngine& engine, snn::EngineKind) { engine.change_shape = change; });
}

CheckParts with_module(const std::function<void(torch::jit::Module&)>& change) {
  CheckParts parts;
  parts.change_module = change;
  return parts;
}

/// A cache that is a token short is felt where decoding begins, and nowhere before.
void shifted_positions(torch::jit::Module& module) {
  at::Tensor positions = module.attr("position_embedding").toTensor();
  positions.narrow(0, 18, positions.size(0) - 18).copy_(positions.narrow(0, 17, positions.size(0) - 18).clone());
}

CheckParts with_plan(const std::function<void(snn::Population&)>& change) {
  CheckParts parts;
  parts.change_plan = [change](snn::Plan& plan) {
    snn::for_each_site(plan.layers(), [&](std::int64_t layer, snn::Site site) { change(plan.at(layer, site)); });
  };
  return parts;
}

std::vector<Fault> faults() {
  using namespace testing;
  return {
      {"PositionOffsetDropped", "llama_plain", with_memory<PositionOffsetDropped>(), {"position-boundaries"}},
      {"PositionsStartOver", "plain", with_processor<PositionsStartOver>(), {"position-boundaries"}},
      {"OverflowForgetsSilently", "plain", with_processor<OverflowForgetsSilently>(), {"position-boundaries"}},
      {"ClampForgotten", "plain", with_processor<ClampForgotten>(), {"position-boundaries"}},
      {"DropForgotten", "plain", with_memory<DropForgotten>(), {"position-boundaries", "kv-cache"}},
      {"MaskOneTooFar", "plain", with_memory<MaskOneTooFar>(), {"attention-mask"}},
      {"MaskLosesTheOldest", "plain", with_shape([](auto& shape) { shape.window = 6; }), {"attention-mask"}},
      {"WindowOneTooWide", "mistral_window", with_shape([](auto& shape) { ++shape.window; }), {"attention-mask"}},
      {"MaskDoesNotGrow", "plain", with_processor<MaskDoesNotGrow>(), {"attention-mask"}},
      {"PaddingIsRead", "plain", with_processor<PaddingIsRead>(), {"attention-mask"}},
      {"ResetForgotten", "plain", with_memory<ResetForgotten>(), {"kv-cache"}},
      {"ResetDoesNothing", "plain", with_processor<ResetDoesNothing>(), {"kv-cache"}},
      {"HistoryDropped", "plain", with_processor<HistoryDropped>(), {"kv-cache"}},
      {"TruncateDoesNothing", "plain", with_processor<TruncateDoesNothing>(), {"kv-cache"}},
      {"NamesIgnored", "plain", with_processor<NamesIgnored>(), {"kv-cache"}},
      {"RowsLeak", "plain", with_processor<RowsLeak>(), {"kv-cache"}},
      {"ChargeLeftBehind", "plain", with_projection<ChargeLeftBehind>(snn::Site::down), {"kv-cache"}},
      {"OneEngineOff", "plain", one_engine_off(), {"engine-equality"}},
      {"MindsItsThreads", "plain", with_projection<MindsItsThreads>(snn::Site::head), {"determinism"}},
      {"Silenced", "plain", with_projection<Silenced>(snn::Site::up), {"spikes"}},
      {"ThresholdsAQuarter", "plain", with_plan([](auto& p) { p.code.headroom *= 0.25; }), {"spikes"}},
      {"StaticThresholdsHalved",
       "plain",
       with_plan([](auto& p) {
         for (float& full_scale : p.full_scale) full_scale *= 0.5F;
       }),
       {"spikes"},
       {.threshold = convert::ThresholdChoice::fixed}},
      {"Miscounted", "plain", with_projection<Miscounted>(snn::Site::down), {"energy"}},
      {"AttentionScaleHalved", "plain", with_shape([](auto& shape) { shape.scale *= 0.5; }), {"dense-parity"}},
      {"TwoBytesMisread",
       "plain",
       with_shape([](auto& shape) {
         if (snn::fits_two_bytes(shape)) shape.scale = -4.0 * shape.scale;
       }),
       {"mixed-precision"}},
      {"BytesMisread",
       "plain",
       with_shape([](auto& shape) {
         if (shape.in_bytes) shape.scale = -4.0 * shape.scale;
       }),
       {"mixed-precision"}},
      {"ModuleOfAnotherTemperature",
       "plain",
       with_module([](auto& module) { module.setattr("logit_scale", 1.25); }),
       {"torchscript"}},
      {"ModuleLosesItsPast", "plain", with_module(shifted_positions), {"torchscript"}},
      {"OneTimestep", "plain", with_plan([](auto& p) { p.code.timesteps = 1; }), {"dead-network", "torchscript"}},
  };
}

Names failed(CheckRun& run) {
  Names names;
  for (const CheckResult& result : testing::run_all(run)) {
    if (result.verdict == Verdict::failed) names.push_back(result.name);
  }
  return names;
}

class EveryFault : public ::testing::TestWithParam<Fault> {};

TEST_P(EveryFault, IsCaught) {
  const Fault& fault = GetParam();
  const convert::OpenedModel model = testing::random_checkpoint(fault.model, fault.options);
  CheckPlan plan;
  if (fault.options.threshold == convert::ThresholdChoice::fixed) {  // on random weights
    plan.max_ratio = 1.1;
    plan.min_agreement = 0.8;
  }
  CheckRun sound(model, plan);
  EXPECT_EQ(failed(sound), Names{});
  CheckRun broken(model, plan, fault.parts);
  const Names caught = failed(broken);
  EXPECT_THAT(caught, IsSupersetOf(fault.caught_by));
  std::string listed;
  for (const std::string& name : caught) listed += " " + name;
  std::cout << fault.name << ":" << listed << "\n";
}

INSTANTIATE_TEST_SUITE_P(Faults, EveryFault, ::testing::ValuesIn(faults()),
                         [](const auto& fault) { return std::string(fault.param.name); });

/// A copy of a checkpoint with one tensor made of zeros.
void write_zeroed(const std::filesystem::path& source, const std::string& zeroed, const std::filesystem::path& target) {
  std::filesystem::copy_file(source / "config.json", target / "config.json");
  const auto file = io::SafetensorsFile::open(source / "model.safetensors");
  const std::vector<std::byte> zeros(file->tensor(zeroed).bytes.size());
  std::vector<io::NamedTensor> tensors;
  for (const std::string& name : file->names()) {
    const io::TensorView view = file->tensor(name);
    tensors.push_back({name, view.dtype, view.shape, name == zeroed ? std::span<const std::byte>(zeros) : view.bytes});
  }
  io::write_safetensors(target / "model.safetensors", tensors);
}

TEST(Faults, AnArtifactWithALayerOfZerosIsNotTheModelThatItWasMadeFrom) {
  const auto source = testing::test_data("model/plain");
  const testing::TemporaryFolder broken;
  write_zeroed(source, "transformer.h.1.attn.c_attn.weight", broken.path());
  convert::ModelRequest request;
  request.model = broken.path().string();
  request.dense = source;
  const convert::OpenedModel model = convert::open_model(request);
  const CheckPlan plan;
  CheckRun run(model, plan);
  EXPECT_THAT(failed(run), IsSupersetOf(Names{"spikes", "dead-network"}));
}

// A trained model that knows chat, and an attention that looks back four tokens.
TEST(Faults, ANetworkThatForgetsFailsTheConversations) {
  const convert::OpenedModel model = testing::stac_tiny({8, 2});
  CheckPlan plan;
  plan.dialogues = 2;
  CheckRun forgetful(model, plan, with_shape([](auto& shape) { shape.window = 4; }));
  CheckRun sound(model, plan);
  for (const char* const name : {"multi-turn", "coherence"}) {
    EXPECT_EQ(testing::run_named(name, sound).verdict, Verdict::passed) << name;
    const CheckResult result = testing::run_named(name, forgetful);
    EXPECT_EQ(result.verdict, Verdict::failed) << name << ": " << result.measured;
    EXPECT_FALSE(result.details.empty());
  }
  plan.require_recall = 1.0;
  plan.recall_margin = 1.0;
  plan.dialogues = 6;
  CheckRun strict(model, plan);
  EXPECT_EQ(testing::run_named("multi-turn", strict).verdict, Verdict::failed) << "17 of 18 are not all";
}

}  // namespace
}  // namespace stac::eval
