// Networks whose membranes and caches wait in fewer bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <random>
#include <string>

#include "stac/error.hpp"
#include "stac/snn/spiking_model.hpp"
#include "support/random_transformer.hpp"

namespace stac::snn {
namespace {

using model::CacheFormat;
using model::LogitRows;
using model::MembraneFormat;
using model::Storage;
using testing::RandomTransformer;
using Ids = std::vector<std::int64_t>;

constexpr Storage kF32{}, kBf16{MembraneFormat::bf16, CacheFormat::bf16}, kF16{MembraneFormat::f16, CacheFormat::f16};

constexpr Storage with_cache(CacheFormat cache) { return {MembraneFormat::f32, cache}; }

std::shared_ptr<const SpikingTransformer> network(RandomTransformer m, const Storage& storage, EngineKind kind,
                                                  int timesteps = 8) {
  m.config.storage = storage;
  return std::make_shared<SpikingTransformer>(m.config, m.weights, Plan(m.config.layers, {Code{timesteps, 2}}),
                                              make_engine(kind));
}

at::Tensor read(const std::shared_ptr<const SpikingTransformer>& net, const Ids& ids, std::size_t first_block) {
  SpikingSequence sequence(net);
  const auto all = std::span(ids);
  return at::cat({sequence.append(all.first(first_block), LogitRows::all),
                  sequence.append(all.subspan(first_block), LogitRows::all)});
}

Ids random_ids(std::int64_t n, std::int64_t vocabulary) {
  std::mt19937 random(7);
  std::uniform_int_distribution<std::int64_t> id(0, vocabulary - 1);
  Ids ids(static_cast<std::size_t>(n));
  for (std::int64_t& value : ids) value = id(random);
  return ids;
}

double relative_error(const at::Tensor& ours, const at::Tensor& wanted) {
  return ((ours - wanted).norm() / wanted.norm()).item<double>();
}

class StoredNetwork : public ::testing::TestWithParam<bool> {
 protected:
  [[nodiscard]] RandomTransformer transformer() const {
    return GetParam() ? testing::random_llama({}) : testing::random_transformer({});
  }
};

TEST_P(StoredNetwork, EnginesAndSplitsAgreeBitForBit) {
  const RandomTransformer m = transformer();
  const Ids ids = random_ids(27, m.config.vocab_size);
  for (const Storage storage :
       {kBf16, kF16, with_cache(CacheFormat::bf16), with_cache(CacheFormat::f16), with_cache(CacheFormat::int8),
        Storage{MembraneFormat::bf16, CacheFormat::f32}, Storage{MembraneFormat::f16, CacheFormat::bf16}}) {
    SCOPED_TRACE(model::storage_name(storage));
    const at::Tensor whole = read(network(m, storage, EngineKind::fused), ids, 26);
    EXPECT_TRUE(at::equal(read(network(m, storage, EngineKind::fused), ids, 11), whole));
    EXPECT_TRUE(at::equal(read(network(m, storage, EngineKind::temporal), ids, 19), whole));
  }
}

// A membrane of bf16 is off by 2^-9 of itself at most, one of f16 by 2^-12; T = 16 rounds to 2^-17 of the row's
// largest.
TEST_P(StoredNetwork, IsOffByWhatItsStorageRounds) {
  const RandomTransformer m = transformer();
  const Ids ids = random_ids(27, m.config.vocab_size);
  const at::Tensor wide = read(network(m, kF32, EngineKind::fused, 16), ids, 20);
  const double of_bf16 = relative_error(read(network(m, kBf16, EngineKind::fused, 16), ids, 20), wide);
  const double of_f16 = relative_error(read(network(m, kF16, EngineKind::fused, 16), ids, 20), wide);
  EXPECT_GT(of_bf16, 1e-4);
  EXPECT_LT(of_bf16, 2e-2);
  EXPECT_GT(of_f16, 1e-6);
  EXPECT_LT(of_f16, of_bf16 / 3.0);
}

// Of a head's largest number a byte keeps 7 bits, bf16 8 of each and f16 11.
TEST_P(StoredNetwork, IsOffByWhatItsCacheRoundsAndNotMore) {
  const RandomTransformer m = transformer();
  const Ids ids = random_ids(27, m.config.vocab_size);
  const at::Tensor wide = read(network(m, kF32, EngineKind::fused, 16), ids, 20);
  const auto error = [&](CacheFormat cache) {
    return relative_error(read(network(m, with_cache(cache), EngineKind::fused, 16), ids, 20), wide);
  };
  EXPECT_GT(error(CacheFormat::f16), 1e-7);
  EXPECT_LT(error(CacheFormat::f16), error(CacheFormat::bf16) / 3.0);
  EXPECT_LT(error(CacheFormat::bf16), 2e-2);
  EXPECT_GT(error(CacheFormat::int8), 1e-4);
  EXPECT_LT(error(CacheFormat::int8), 2e-2);
}

TEST_P(StoredNetwork, KeepsAQuarterOfTheCacheInBytesAndTwoBytesForEachStep) {
  const RandomTransformer m = transformer();
  const std::uint64_t room = 64;  // tokens: a block of the cache
  const auto heads = static_cast<std::uint64_t>(m.config.layers * m.config.kv_heads);
  for (const EngineKind kind : {EngineKind::fused, EngineKind::temporal}) {
    const auto bytes = [&](const Storage& storage) { return network(m, storage, kind)->new_state().bytes_after(40); };
    EXPECT_EQ(4 * (bytes(with_cache(CacheFormat::int8)) - heads * room * 4), bytes(kF32));
  }
}

TEST_P(StoredNetwork, KeepsHalfTheCache) {
  const RandomTransformer m = transformer();
  for (const EngineKind kind : {EngineKind::fused, EngineKind::temporal}) {
    const auto bytes = [&](const Storage& storage) { return network(m, storage, kind)->new_state().bytes_after(40); };
    EXPECT_EQ(2 * bytes(kF16), bytes(kF32));
    EXPECT_EQ(2 * bytes(kBf16), bytes(kF32));
    EXPECT_EQ(2 * bytes(with_cache(CacheFormat::f16)), bytes(kF32));
  }
}

TEST(StoredNetworks, AMembraneBeyondHalfPrecisionIsRefused) {
  RandomTransformer m = testing::random_transformer({});
  m.weights.token_embedding.mul_(1e7);
  const auto net = network(m, kF16, EngineKind::fused);
  EXPECT_THROW(read(net, random_ids(4, m.config.vocab_size), 2), Error);
  EXPECT_NO_THROW(read(network(m, kBf16, EngineKind::fused), random_ids(4, m.config.vocab_size), 2));
}

TEST(StoredNetworks, AValueBeyondHalfPrecisionIsRefused) {
  RandomTransformer m = testing::random_transformer({});
  m.weights.blocks[0].value.bias.fill_(1e5F);
  const Ids ids = random_ids(4, m.config.vocab_size);
  for (const EngineKind kind : {EngineKind::fused, EngineKind::temporal}) {
    for (const Storage& storage : {with_cache(CacheFormat::f16), kF16, Storage{MembraneFormat::f16, CacheFormat::f32},
                                   Storage{MembraneFormat::f16, CacheFormat::int8}}) {
      EXPECT_THAT([&] { read(network(m, storage, kind), ids, 2); },
                  ::testing::ThrowsMessage<Error>(::testing::HasSubstr("a key or value is not finite")))
          << model::storage_name(storage);
    }
    EXPECT_NO_THROW(read(network(m, with_cache(CacheFormat::int8), kind), ids, 2));
  }
}

// Threads take a conversation each; what some had read when one failed is forgotten by all.
TEST(StoredNetworks, AValueThatIsRefusedLeavesNoConversationHalfRead) {
  at::set_num_threads(2);
  RandomTransformer m = testing::random_transformer({});
  const Ids ids = random_ids(4, m.config.vocab_size);
  std::vector<SequenceState> states;
  std::vector<SequenceInput> inputs;
  const auto sound = network(m, with_cache(CacheFormat::f16), EngineKind::fused);
  for (int i = 0; i < 9; ++i) states.push_back(sound->new_state());
  for (SequenceState& state : states) inputs.push_back({ids, &state});
  Ledger ledger(m.config.layers);
  const at::Tensor before = sound->forward(inputs, LogitRows::last, ledger).clone();
  m.weights.blocks[1].value.bias.fill_(1e5F);
  const auto broken = network(m, with_cache(CacheFormat::f16), EngineKind::fused);
  EXPECT_THROW((void)broken->forward(inputs, LogitRows::last, ledger), Error);
  for (const SequenceState& state : states) {
    EXPECT_EQ(state.length, std::ssize(ids));
    for (const auto& memory : state.layers) EXPECT_EQ(memory->length(), std::ssize(ids));
  }
  for (SequenceState& state : states) state.reset();
  EXPECT_TRUE(at::equal(sound->forward(inputs, LogitRows::last, ledger), before));
}

INSTANTIATE_TEST_SUITE_P(Families, StoredNetwork, ::testing::Bool(),
                         [](const auto& family) { return std::string(family.param ? "Llama" : "Gpt2"); });

}  // namespace
}  // namespace stac::snn
