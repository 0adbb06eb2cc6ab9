// Spiking networks of every golden checkpoint: against each other bit for bit, and against what transformers computed.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "stac/snn/spiking_model.hpp"
#include "support/goldens.hpp"

namespace stac::snn {
namespace {

using model::Golden;
using model::LogitRows;
using Ids = std::vector<std::int64_t>;

constexpr const char* kDynamic = "llama_dynamic";

std::shared_ptr<const SpikingTransformer> network(const Golden& golden, EngineKind kind, const Code& code) {
  return std::make_shared<SpikingTransformer>(golden.config, golden.weights.weights, Plan(golden.config.layers, {code}),
                                              make_engine(kind));
}

struct Read {
  at::Tensor logits;
  Ledger ledger;
};

Read read(const std::shared_ptr<const SpikingTransformer>& net, const Ids& ids, const Ids& blocks) {
  SpikingSequence sequence(net);
  std::vector<at::Tensor> logits;
  std::int64_t first = 0;
  for (const std::int64_t n : blocks) {
    logits.push_back(sequence.append(
        std::span(ids).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(n)), LogitRows::all));
    first += n;
  }
  return {at::cat(logits), sequence.ledger()};
}

Ids ids_of(const Golden& golden) {
  const at::Tensor ids = golden.tensor("input_ids").contiguous();
  return {ids.data_ptr<std::int64_t>(), ids.data_ptr<std::int64_t>() + ids.numel()};
}

std::int64_t size_of(const Ids& ids) { return static_cast<std::int64_t>(ids.size()); }

double relative_error(const at::Tensor& ours, const at::Tensor& wanted) {
  return ((ours - wanted).norm() / wanted.norm()).item<double>();
}

class EveryModelFamily : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryModelFamily, EnginesAgreeBitForBitAndEveryProductIsDrivenBySpikes) {
  const Golden golden(GetParam());
  const Ids ids = ids_of(golden);
  for (const Code& code : {Code{1, 2}, Code{5, 3}, Code{8, 2}, Code{12, 2}, Code{4, 2, CodeKind::rate}}) {
    const Read temporal = read(network(golden, EngineKind::temporal, code), ids, {size_of(ids)});
    const Read fused = read(network(golden, EngineKind::fused, code), ids, {size_of(ids)});
    EXPECT_TRUE(at::equal(temporal.logits, fused.logits)) << code_text(code);
    EXPECT_EQ(temporal.ledger, fused.ledger) << code_text(code);
    EXPECT_EQ(fused.ledger.coverage(), 1.0) << code_text(code);
  }
}

TEST_P(EveryModelFamily, ApproachesTransformersAsTimestepsGrow) {
  const Golden golden(GetParam());
  const Ids ids = ids_of(golden);
  const at::Tensor wanted = golden.tensor("logits")[0];
  const auto error = [&](int timesteps) {
    return relative_error(read(network(golden, EngineKind::fused, {timesteps, 2}), ids, {size_of(ids)}).logits, wanted);
  };
  EXPECT_LT(error(12), 0.2 * error(8));
  EXPECT_LT(error(20), 3e-5);
}

TEST_P(EveryModelFamily, SplitsThreadsAndRowsOfABatchDoNotChangeALogit) {
  if (GetParam() == kDynamic) GTEST_SKIP() << "beyond its original context, by definition: see below";
  const Golden golden(GetParam());
  const Ids ids = ids_of(golden);
  const auto net = network(golden, EngineKind::fused, {8, 2});
  at::set_num_threads(1);
  const Read whole = read(net, ids, {size_of(ids)});
  at::set_num_threads(2);
  EXPECT_TRUE(at::equal(whole.logits, read(net, ids, Ids(ids.size(), 1)).logits));
  EXPECT_TRUE(at::equal(whole.logits, read(net, ids, {7, 1, size_of(ids) - 8}).logits));
  EXPECT_EQ(whole.ledger.coverage(), 1.0);

  SequenceState short_text = net->new_state(), long_text = net->new_state();
  const std::vector<SequenceInput> batch{{std::span(ids).first(5), &short_text}, {ids, &long_text}};
  Ledger ledger(golden.config.layers);
  const at::Tensor together = net->forward(batch, LogitRows::all, ledger);
  EXPECT_TRUE(at::equal(together.narrow(0, 0, 5), whole.logits.narrow(0, 0, 5)));
  EXPECT_TRUE(at::equal(together.narrow(0, 5, size_of(ids)), whole.logits));
}

INSTANTIATE_TEST_SUITE_P(Goldens, EveryModelFamily, ::testing::ValuesIn(model::golden_names()),
                         [](const auto& configuration) { return configuration.param; });

TEST(DynamicRotaryPositions, EveryStepOfADecodeIsOneFullPass) {
  const Golden golden(kDynamic);
  const Ids ids = ids_of(golden);
  ASSERT_GT(size_of(ids), golden.config.rotary->original_positions);
  for (const EngineKind kind : {EngineKind::temporal, EngineKind::fused}) {
    const auto net = network(golden, kind, {8, 2});
    SpikingSequence decode(net);
    for (std::size_t n = 1; n <= ids.size(); ++n) {
      const at::Tensor step = decode.append(std::span(ids).subspan(n - 1, 1), LogitRows::last);
      const at::Tensor pass = SpikingSequence(net).append(std::span(ids).first(n), LogitRows::last);
      ASSERT_TRUE(at::equal(step, pass)) << n;
    }
    EXPECT_EQ(decode.ledger().coverage(), 1.0);
    EXPECT_EQ(decode.length(), size_of(ids));
  }
}

TEST(DynamicRotaryPositions, AStepBeyondTheOriginalContextIsCountedAsTheFullPassThatItIs) {
  const Golden golden(kDynamic);
  const Ids ids = ids_of(golden);
  const auto net = network(golden, EngineKind::fused, {8, 2});
  SpikingSequence decode(net), pass(net);
  decode.append(std::span(ids).first(20), LogitRows::last);
  const std::uint64_t before = decode.ledger().total().macs;
  decode.append(std::span(ids).subspan(20, 1), LogitRows::last);
  pass.append(std::span(ids).first(21), LogitRows::last);
  EXPECT_EQ(decode.ledger().total().macs - before, pass.ledger().total().macs);
}

TEST(DenseMacs, CountGateAndWindowAsALoopOverTokensDoes) {
  for (const char* name : {"qwen2_later_windows", "mistral_window", "llama_one_key_head", "plain"}) {
    const Golden golden(name);
    const model::TransformerConfig& config = golden.config;
    const auto weights = [](const model::Projection& p) { return p.weight.defined() ? p.weight.numel() : 0; };
    for (const std::int64_t past : {0, 3, 9}) {
      std::int64_t macs = 2 * config.hidden_size * config.vocab_size;
      for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const model::Block block = golden.weights.weights.blocks[layer];
        for (std::int64_t position = past; position < past + 7; ++position) {
          std::int64_t seen = 0;
          for (std::int64_t key = 0; key <= position; ++key) {
            seen += config.window(layer) == 0 || position - key < config.window(layer);
          }
          macs += weights(block.query) + weights(block.key) + weights(block.value) + weights(block.attention_output) +
                  weights(block.gate) + weights(block.up) + weights(block.down) +
                  2 * config.heads * config.head_dim * seen;
        }
      }
      EXPECT_EQ(dense_macs(config, past, 7, 2), static_cast<std::uint64_t>(macs)) << name;
    }
  }
}

}  // namespace
}  // namespace stac::snn
