#include "stac/model/weights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "model/memory_store.hpp"

namespace stac::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void expect_refusal(const std::function<void(MemoryStore&)>& damage, const std::vector<std::string>& mentions) {
  MemoryStore store = tiny_store();
  damage(store);
  try {
    static_cast<void>(load_weights(tiny_config(), store));
    ADD_FAILURE() << "accepted, though " << mentions.front();
  } catch (const Error& error) {
    for (const std::string& mention : mentions) EXPECT_THAT(error.what(), HasSubstr(mention));
  }
}

TEST(Weights, SplitsAndTransposesTheFusedProjection) {
  const MemoryStore store = tiny_store();
  const TransformerWeights weights = load_weights(tiny_config(), store).weights;
  const at::Tensor fused = store.tensors.at("transformer.h.1.attn.c_attn.weight");
  const Block block = weights.blocks[1];
  for (std::int64_t out = 0; out < 6; ++out) {
    for (std::int64_t in = 0; in < 6; ++in) {
      EXPECT_EQ(block.query.weight[out][in].item<float>(), fused[in][out].item<float>());
      EXPECT_EQ(block.key.weight[out][in].item<float>(), fused[in][6 + out].item<float>());
      EXPECT_EQ(block.value.weight[out][in].item<float>(), fused[in][12 + out].item<float>());
    }
  }
  EXPECT_EQ(block.up.weight.sizes(), (std::vector<std::int64_t>{10, 6}));
  EXPECT_EQ(block.down.weight.sizes(), (std::vector<std::int64_t>{6, 10}));
  EXPECT_TRUE(block.key.weight.is_contiguous());
}

TEST(Weights, ThePrefixDoesNotMatter) {
  const TransformerWeights with = load_weights(tiny_config(), tiny_store("transformer.")).weights;
  const TransformerWeights without = load_weights(tiny_config(), tiny_store("")).weights;
  EXPECT_TRUE(at::equal(with.token_embedding, without.token_embedding));
  EXPECT_TRUE(at::equal(with.blocks[0].down.weight, without.blocks[0].down.weight));
}

TEST(Weights, ATiedHeadSharesTheEmbeddingsStorage) {
  const TransformerWeights weights = load_weights(tiny_config(), tiny_store()).weights;
  EXPECT_EQ(weights.head().weight.data_ptr(), weights.token_embedding.data_ptr());
}

TEST(Weights, AnUntiedHeadIsItsOwnTensor) {
  TransformerConfig config = tiny_config();
  config.tied_head = false;
  MemoryStore store = tiny_store();
  store.tensors["lm_head.weight"] = at::full({11, 6}, 2.0F);
  EXPECT_TRUE(at::equal(load_weights(config, store).weights.head().weight, at::full({11, 6}, 2.0F)));
}

TEST(Weights, ReadsEveryFloatType) {
  for (const at::ScalarType type : {at::kDouble, at::kHalf, at::kBFloat16}) {
    MemoryStore store = tiny_store();
    for (auto& [name, tensor] : store.tensors) tensor = tensor.to(type);
    const at::Tensor loaded = load_weights(tiny_config(), store).weights.token_embedding;
    EXPECT_EQ(loaded.scalar_type(), at::kFloat);
    EXPECT_TRUE(at::equal(loaded, store.tensors.at("transformer.wte.weight").to(at::kFloat)));
  }
}

TEST(Weights, ListsSurplusTensorsButNotMaskBuffers) {
  MemoryStore store = tiny_store();
  store.tensors["transformer.h.0.attn.bias"] = at::ones({1, 1, 8, 8}, at::kByte);
  store.tensors["transformer.h.1.attn.masked_bias"] = at::zeros({});
  store.tensors["lm_head.weight"] = store.tensors.at("transformer.wte.weight").clone();
  EXPECT_THAT(load_weights(tiny_config(), store).surplus, IsEmpty());
  store.tensors["transformer.h.2.ln_1.weight"] = at::ones({6});
  store.tensors["adapter"] = at::ones({2}, at::kLong);
  EXPECT_THAT(load_weights(tiny_config(), store).surplus, ElementsAre("adapter", "transformer.h.2.ln_1.weight"));
}

TEST(Weights, RefusesWhatDoesNotFitByName) {
  expect_refusal([](MemoryStore& store) { store.tensors.erase("transformer.h.1.mlp.c_fc.bias"); },
                 {"'h.1.mlp.c_fc.bias'"});
  expect_refusal([](MemoryStore& store) { store.tensors["transformer.h.0.ln_1.weight"] = at::ones({7}); },
                 {"'transformer.h.0.ln_1.weight'", "[7]", "[6]", "memory.safetensors"});
  expect_refusal(
      [](MemoryStore& store) {
        store.tensors["transformer.wte.weight"] = at::ones({6, 11});
      },
      {"'transformer.wte.weight'", "[6, 11]", "[11, 6]"});
  expect_refusal(
      [](MemoryStore& store) {
        store.tensors["transformer.wpe.weight"] = at::ones({8, 6}, at::kChar);
      },
      {"'transformer.wpe.weight'", "I8"});
  expect_refusal(
      [](MemoryStore& store) {
        store.tensors["lm_head.weight"] = at::ones({11, 6});
      },
      {"'lm_head.weight'", "ties"});
}

TEST(Weights, AnUntiedHeadMustBeThere) {
  TransformerConfig config = tiny_config();
  config.tied_head = false;
  EXPECT_THROW(static_cast<void>(load_weights(config, tiny_store())), Error);
}

TEST(Weights, AConfigFarTooLargeForTheFileIsRefusedWithoutAllocating) {
  TransformerConfig config = tiny_config();
  config.layers = std::int64_t{1} << 31;
  EXPECT_THROW(static_cast<void>(load_weights(config, tiny_store())), Error);
  config.vocab_size = config.hidden_size = config.max_positions = std::int64_t{1} << 31;
  EXPECT_THROW(static_cast<void>(load_weights(config, tiny_store())), Error);
}

TEST(Weights, RefuseAValueThatIsNotFiniteByTensorAndElement) {
  const std::vector<std::pair<float, const char*>> bad = {{std::numeric_limits<float>::quiet_NaN(), "a NaN"},
                                                          {-std::numeric_limits<float>::infinity(), "an infinity"}};
  for (const auto& [value, word] : bad) {
    expect_refusal([&](MemoryStore& store) { store.tensors.at("transformer.h.1.mlp.c_proj.weight")[1][2] = value; },
                   {"'transformer.h.1.mlp.c_proj.weight'", word, "element 8"});
  }
}

TEST(Weights, LetASurplusTensorHoldAnything) {
  MemoryStore store = tiny_store();
  store.tensors["rubbish"] = at::full({2}, std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(load_weights(tiny_config(), store).surplus, std::vector<std::string>{"rubbish"});
}

TEST(Blocks, AreMadeWhenTheyAreAskedForAndNotHeld) {
  MemoryStore store = tiny_store();
  const at::Tensor before = store.tensors["transformer.h.1.mlp.c_fc.weight"];
  const Blocks blocks = load_weights(tiny_config(), store).weights.blocks;
  const Block first = blocks[1];
  EXPECT_TRUE(at::equal(first.up.weight, before.t()));
  before.fill_(2.0);  // what the file holds by now
  EXPECT_TRUE(at::equal(blocks[1].up.weight, before.t()));
  EXPECT_FALSE(at::equal(first.up.weight, before.t()));
  EXPECT_EQ(blocks.size(), 2);
  EXPECT_THROW(static_cast<void>(blocks[2]), std::out_of_range);
  EXPECT_THROW(static_cast<void>(blocks[-1]), std::out_of_range);
}

TEST(Blocks, TakeAnotherDownProjectionAndNothingElse) {
  Blocks blocks = load_weights(tiny_config(), tiny_store()).weights.blocks;
  const Blocks untouched = blocks;
  const Projection down{at::ones({6, 10}), at::zeros({6})};
  blocks.replace_down(1, down);
  EXPECT_TRUE(at::equal(blocks[1].down.weight, down.weight));
  EXPECT_TRUE(at::equal(blocks[1].down.bias, down.bias));
  EXPECT_TRUE(at::equal(blocks[1].up.weight, untouched[1].up.weight));
  EXPECT_TRUE(at::equal(blocks[0].down.weight, untouched[0].down.weight));
  EXPECT_FALSE(at::equal(untouched[1].down.weight, down.weight));
}

}  // namespace
}  // namespace stac::model
