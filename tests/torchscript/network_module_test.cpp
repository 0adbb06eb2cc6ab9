// Whole exported networks, loaded back, against the fused engine.
#include "stac/torchscript/network_module.hpp"

#include <gtest/gtest.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include "stac/error.hpp"
#include "stac/snn/spiking_model.hpp"
#include "stac/torchscript/parity.hpp"
#include "support/goldens.hpp"
#include "support/random_transformer.hpp"

namespace stac::torchscript {
namespace {

using model::Golden;
using model::LogitRows;
using snn::Code;
using snn::CodeKind;
using Ids = std::vector<std::int64_t>;

struct Pair {
  torch::jit::Module exported;
  snn::SpikingModel engine;
};

snn::SpikingModel engine_of(const model::TransformerConfig& config, const model::TransformerWeights& weights,
                            const snn::Plan& plan) {
  return snn::SpikingModel(
      std::make_shared<snn::SpikingTransformer>(config, weights, plan, snn::make_engine(snn::EngineKind::fused)));
}

Pair pair_of(const model::TransformerConfig& config, const model::TransformerWeights& weights, const snn::Plan& plan) {
  return {
      saved_and_opened(network_module({config, std::make_shared<const model::TransformerWeights>(weights), plan, {}})),
      engine_of(config, weights, plan)};
}

struct Said {
  at::Tensor logits;
  c10::IValue present;
  at::Tensor spikes;
};

Said run(torch::jit::Module& module, const at::Tensor& ids, const c10::IValue& past = {},
         const c10::IValue& mask = {}) {
  const torch::NoGradGuard no_grad;
  const torch::jit::GraphOptimizerEnabledGuard unoptimised(false);
  const auto answer = module.forward({ids, past, mask}).toTuple();
  return {answer->elements()[0].toTensor(), answer->elements()[1], answer->elements()[2].toTensor()};
}

at::Tensor as_batch(const Ids& ids) { return at::tensor(ids).unsqueeze(0); }

Ids random_ids(std::int64_t n, std::int64_t vocabulary, std::uint64_t seed) {
  torch::manual_seed(seed);
  const at::Tensor ids = at::randint(vocabulary, {n}, at::kLong);
  return {ids.data_ptr<std::int64_t>(), ids.data_ptr<std::int64_t>() + n};
}

double relative_error(const at::Tensor& ours, const at::Tensor& wanted) {
  return ((ours - wanted).norm() / wanted.norm()).item<double>();
}

void expect_parity(Pair& pair, const Ids& ids) {
  const Parity parity = measure_parity(pair.exported, pair.engine, {ids});
  EXPECT_GT(parity.exported_spikes, 0);
  EXPECT_NEAR(parity.spike_ratio(), 1.0, 1e-3);
  EXPECT_NEAR(parity.perplexity_ratio(), 1.0, 1e-3);
  EXPECT_GE(parity.top1_agreement, 0.99);
}

class EveryExportedFamily : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryExportedFamily, SpeaksLikeTheFusedEngine) {
  const Golden golden(GetParam());
  if (golden.config.rotary && golden.config.rotary->scaling == model::RopeScaling::dynamic) {
    EXPECT_THROW(require_exportable(golden.config), Error);
    return;
  }
  const Ids ids = random_ids(std::min<std::int64_t>(golden.config.max_positions, 24), golden.config.vocab_size, 3);
  for (const Code& code : {Code{4, 2}, Code{8, 2}, Code{16, 2}, Code{5, 3}, Code{8, 2, CodeKind::rate}}) {
    SCOPED_TRACE(snn::code_text(code));
    snn::Plan plan(golden.config.layers, {code});
    plan.at(0, snn::Site::down).code.timesteps = 6;  // windows of a site's own
    plan.at(0, snn::Site::mix).group = code.timesteps < 8 ? 4 : 0;
    Pair pair = pair_of(golden.config, golden.weights.weights, plan);
    expect_parity(pair, ids);
  }
}

INSTANTIATE_TEST_SUITE_P(Goldens, EveryExportedFamily, ::testing::ValuesIn(model::golden_names()),
                         [](const auto& configuration) { return configuration.param; });

TEST(NetworkModule, SpeaksLikeTheFusedEngineOnTheBundledModel) {
  const io::Checkpoint checkpoint = io::open_checkpoint(testing::source_root() / "models" / "stac-tiny");
  const model::TransformerConfig config = model::parse_config(checkpoint.config);
  const model::LoadedWeights loaded = model::load_weights(config, *checkpoint.tensors);
  for (const Code& code : {Code{4, 2}, Code{8, 2}}) {
    SCOPED_TRACE(snn::code_text(code));
    Pair pair = pair_of(config, loaded.weights, snn::Plan(config.layers, {code}));
    const Parity parity = measure_parity(
        pair.exported, pair.engine, {random_ids(100, config.vocab_size, 1), random_ids(100, config.vocab_size, 2)});
    EXPECT_TRUE(holds(parity)) << parity.spike_ratio() << " " << parity.perplexity_ratio() << " "
                               << parity.top1_agreement;
  }
}

TEST(NetworkModule, DecodingTokenByTokenEqualsOnePrefill) {
  for (const char* const name : {"plain", "mistral_window", "llama_grouped_tied"}) {
    SCOPED_TRACE(name);
    const Golden golden(name);
    const Ids ids = random_ids(20, golden.config.vocab_size, 5);
    Pair pair = pair_of(golden.config, golden.weights.weights, snn::Plan(golden.config.layers, {Code{8, 2}}));
    const Said whole = run(pair.exported, as_batch(ids));
    std::vector<at::Tensor> logits;
    at::Tensor spikes = at::zeros_like(whole.spikes);
    c10::IValue past;
    for (const std::int64_t id : ids) {
      const Said step = run(pair.exported, as_batch({id}), past);
      logits.push_back(step.logits);
      spikes += step.spikes;
      past = step.present;
    }
    EXPECT_LT(relative_error(at::cat(logits, 1), whole.logits), 1e-5);
    EXPECT_TRUE(at::equal(spikes, whole.spikes));
  }
}

TEST(NetworkModule, RoundsMembranesAndCacheAsTheEngineDoes) {
  using model::CacheFormat;
  using model::MembraneFormat;
  for (const model::Storage& storage :
       {model::Storage{MembraneFormat::bf16, CacheFormat::bf16}, model::Storage{MembraneFormat::f32, CacheFormat::bf16},
        model::Storage{MembraneFormat::f32, CacheFormat::f16}, model::Storage{MembraneFormat::f16, CacheFormat::bf16},
        model::Storage{MembraneFormat::f32, CacheFormat::int8}}) {
    for (const char* const name : {"plain", "llama_grouped_tied"}) {
      SCOPED_TRACE(std::string(name) + " " + model::storage_name(storage));
      const Golden golden(name);
      model::TransformerConfig config = golden.config;
      config.storage = storage;
      const Ids ids = random_ids(20, config.vocab_size, 5);
      const snn::Plan plan(config.layers, {Code{8, 2}});
      Pair pair = pair_of(config, golden.weights.weights, plan);
      const snn::SpikingModel wide = engine_of(golden.config, golden.weights.weights, plan);
      const at::Tensor ours = run(pair.exported, as_batch(ids)).logits[0];
      EXPECT_LT(relative_error(ours, pair.engine.start()->append(ids, LogitRows::all)), 1e-5);
      EXPECT_GT(relative_error(ours, wide.start()->append(ids, LogitRows::all)), 1e-4) << "and it shows";
      EXPECT_EQ(storage_of(pair.exported), storage) << "a file says it";
    }
  }
}

TEST(NetworkModule, OfAnUnknownStorageIsRefusedAndOfNoneIsPlain) {
  EXPECT_EQ(storage_of(torch::jit::Module("Older")), model::Storage{});
  torch::jit::Module half("Half"), unknown("Unknown");
  half.register_attribute("membrane_format", c10::StringType::get(), std::string("f16"));
  unknown.register_attribute("membrane_format", c10::StringType::get(), std::string("f16"));
  unknown.register_attribute("cache_format", c10::StringType::get(), std::string("int4"));
  EXPECT_THROW((void)storage_of(half), Error);
  try {
    (void)storage_of(unknown);
    FAIL() << "int4 is no format";
  } catch (const Error& error) {
    EXPECT_EQ(dynamic_cast<const UsageError*>(&error), nullptr) << "not the caller's mistake";
    EXPECT_NE(std::string(error.what()).find("cache_format"), std::string::npos);
  }
}

TEST(NetworkModule, PaddingAtTheLeftChangesNothing) {
  for (const char* const name : {"plain", "mistral_window", "qwen2_yarn"}) {
    SCOPED_TRACE(name);
    const Golden golden(name);
    snn::Plan plan(golden.config.layers, {Code{4, 2}});
    plan.at(0, snn::Site::mix).group = 3;
    Pair pair = pair_of(golden.config, golden.weights.weights, plan);
    const Ids long_text = random_ids(11, golden.config.vocab_size, 7),
              short_text = random_ids(6, golden.config.vocab_size, 8);
    Ids padded(5, 0);
    padded.insert(padded.end(), short_text.begin(), short_text.end());
    const at::Tensor mask = at::ones({2, 11}, at::kLong);
    mask[1].narrow(0, 0, 5).zero_();
    const Said together = run(pair.exported, at::cat({as_batch(long_text), as_batch(padded)}), {}, mask);
    const Said first = run(pair.exported, as_batch(long_text)), second = run(pair.exported, as_batch(short_text));
    EXPECT_LT(relative_error(together.logits.narrow(0, 0, 1), first.logits), 1e-5);
    EXPECT_LT(relative_error(together.logits.narrow(0, 1, 1).narrow(1, 5, 6), second.logits), 1e-5);
    EXPECT_TRUE(at::equal(together.spikes, first.spikes + second.spikes));

    const at::Tensor next = at::tensor(Ids{3, 4}).view({2, 1});
    const Said step = run(pair.exported, next, together.present, at::cat({mask, at::ones({2, 1}, at::kLong)}, 1));
    const Said alone = run(pair.exported, as_batch({4}), second.present);
    EXPECT_LT(relative_error(step.logits.narrow(0, 1, 1), alone.logits), 1e-5);
  }
}

TEST(NetworkModule, RefusesWhatItCannotRead) {
  const testing::RandomTransformer m = testing::random_transformer({.max_positions = 8});
  Pair pair = pair_of(m.config, m.weights, snn::Plan(m.config.layers, {Code{4, 2}}));
  EXPECT_ANY_THROW(run(pair.exported, as_batch(Ids(9, 1))));
  EXPECT_ANY_THROW(run(pair.exported, as_batch({m.config.vocab_size})));
  EXPECT_ANY_THROW(run(pair.exported, as_batch({-1})));
  EXPECT_ANY_THROW(run(pair.exported, as_batch({1, 2, 3}), {}, at::tensor(Ids{1, 0, 1}).view({1, 3})));
  EXPECT_ANY_THROW(run(pair.exported, as_batch({1, 2, 3}), {}, at::ones({1, 4}, at::kLong)));
  EXPECT_NO_THROW(run(pair.exported, as_batch(Ids(8, 1))));
}

}  // namespace
}  // namespace stac::torchscript
