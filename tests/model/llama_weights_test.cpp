#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "model/memory_store.hpp"
#include "stac/model/weights.hpp"

namespace stac::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void expect_refusal(const std::function<void(MemoryStore&)>& damage, const std::vector<std::string>& mentions) {
  MemoryStore store = tiny_llama_store();
  damage(store);
  try {
    static_cast<void>(load_weights(tiny_llama_config(), store));
    ADD_FAILURE() << "accepted, though " << mentions.front();
  } catch (const Error& error) {
    for (const std::string& mention : mentions) EXPECT_THAT(error.what(), HasSubstr(mention));
  }
}

TEST(LlamaWeights, EveryProjectionIsTheTensorOfItsName) {
  const MemoryStore store = tiny_llama_store();
  const TransformerWeights weights = load_weights(tiny_llama_config(), store).weights;
  const Block block = weights.blocks[1];
  const auto stored = [&](const std::string& name) { return store.tensors.at("model.layers.1." + name); };
  EXPECT_TRUE(at::equal(block.query.weight, stored("self_attn.q_proj.weight")));
  EXPECT_TRUE(at::equal(block.query.bias, stored("self_attn.q_proj.bias")));
  EXPECT_TRUE(at::equal(block.key.weight, stored("self_attn.k_proj.weight")));
  EXPECT_TRUE(at::equal(block.value.bias, stored("self_attn.v_proj.bias")));
  EXPECT_TRUE(at::equal(block.attention_output.weight, stored("self_attn.o_proj.weight")));
  EXPECT_TRUE(at::equal(block.gate.weight, stored("mlp.gate_proj.weight")));
  EXPECT_TRUE(at::equal(block.up.weight, stored("mlp.up_proj.weight")));
  EXPECT_TRUE(at::equal(block.down.weight, stored("mlp.down_proj.weight")));
  EXPECT_TRUE(at::equal(block.attention_norm.weight, stored("input_layernorm.weight")));
  EXPECT_TRUE(at::equal(block.mlp_norm.weight, stored("post_attention_layernorm.weight")));
  EXPECT_FALSE(block.gate.bias.defined() || block.down.bias.defined() || block.mlp_norm.bias.defined());
  EXPECT_EQ(weights.head().weight.data_ptr(), weights.token_embedding.data_ptr());
  EXPECT_FALSE(weights.position_embedding.defined());
}

TEST(LlamaWeights, ThePrefixDoesNotMatter) {
  const TransformerWeights with = load_weights(tiny_llama_config(), tiny_llama_store()).weights;
  const TransformerWeights without = load_weights(tiny_llama_config(), tiny_llama_store("")).weights;
  EXPECT_TRUE(at::equal(with.blocks[0].gate.weight, without.blocks[0].gate.weight));
}

TEST(LlamaWeights, ListsSurplusTensorsButNotStoredAngles) {
  MemoryStore store = tiny_llama_store();
  store.tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = at::ones({2});
  EXPECT_THAT(load_weights(tiny_llama_config(), store).surplus, IsEmpty());
  store.tensors["model.layers.0.self_attn.q_norm.weight"] = at::ones({4});
  EXPECT_THAT(load_weights(tiny_llama_config(), store).surplus, ElementsAre("model.layers.0.self_attn.q_norm.weight"));
}

TEST(LlamaWeights, RefusesWhatDoesNotFitByName) {
  expect_refusal([](MemoryStore& store) { store.tensors.erase("model.layers.1.mlp.gate_proj.weight"); },
                 {"'layers.1.mlp.gate_proj.weight'"});
  expect_refusal([](MemoryStore& store) { store.tensors.erase("model.layers.0.self_attn.k_proj.bias"); },
                 {"'layers.0.self_attn.k_proj.bias'"});
  expect_refusal([](MemoryStore& store) { store.tensors.erase("model.norm.weight"); }, {"'norm.weight'"});
  expect_refusal(
      [](MemoryStore& store) {
        store.tensors["model.layers.0.self_attn.k_proj.weight"] = at::ones({8, 6});
      },
      {"'model.layers.0.self_attn.k_proj.weight'", "[8, 6]", "[4, 6]", "memory.safetensors"});
  expect_refusal(
      [](MemoryStore& store) {
        store.tensors["model.layers.0.mlp.down_proj.weight"] = at::ones({6, 10}, at::kChar);
      },
      {"'model.layers.0.mlp.down_proj.weight'", "I8"});
  expect_refusal(
      [](MemoryStore& store) {
        store.tensors["lm_head.weight"] = at::ones({11, 6});
      },
      {"'lm_head.weight'", "ties"});
  expect_refusal(
      [](MemoryStore& store) {
        store.tensors.at("model.layers.1.mlp.up_proj.weight")[1][2] = std::numeric_limits<float>::quiet_NaN();
      },
      {"'model.layers.1.mlp.up_proj.weight'", "a NaN", "element 8"});
}

TEST(LlamaWeights, AConfigFarTooLargeForTheFileIsRefusedWithoutAllocating) {
  TransformerConfig config = tiny_llama_config();
  config.layers = std::int64_t{1} << 31;
  EXPECT_THROW(static_cast<void>(load_weights(config, tiny_llama_store())), Error);
}

TEST(LlamaWeights, EmbeddingsAloneLeaveNothingElse) {
  const LoadedWeights loaded = load_embeddings(tiny_llama_config(), tiny_llama_store());
  EXPECT_THAT(loaded.used, ElementsAre("model.embed_tokens.weight"));
  EXPECT_EQ(loaded.weights.blocks.size(), 0);
}

}  // namespace
}  // namespace stac::model
