#include "stac/model/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stac/error.hpp"

namespace stac::model {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

json small_gpt2() { return {{"model_type", "gpt2"}, {"vocab_size", 100}, {"n_embd", 32}, {"n_head", 4}}; }

TEST(Config, TakesTransformersDefaultsForAbsentFields) {
  const TransformerConfig config = parse_config({{"model_type", "gpt2"}});
  EXPECT_EQ(config.vocab_size, 50257);
  EXPECT_EQ(config.hidden_size, 768);
  EXPECT_EQ(config.layers, 12);
  EXPECT_EQ(config.heads, 12);
  EXPECT_EQ(config.kv_heads, 12);
  EXPECT_EQ(config.head_dim, 64);
  EXPECT_EQ(config.intermediate_size, 3072);
  EXPECT_EQ(config.max_positions, 1024);
  EXPECT_EQ(config.norm_eps, 1e-5);
  EXPECT_EQ(config.activation, Activation::gelu_tanh);
  EXPECT_TRUE(config.tied_head);
  EXPECT_EQ(config.bos_token_id, 50256);
  EXPECT_THAT(config.eos_token_ids, ElementsAre(50256));
}

TEST(Config, DefaultEndOfTextOutsideASmallVocabularyIsNoToken) {
  const TransformerConfig config = parse_config(small_gpt2());
  EXPECT_EQ(config.bos_token_id, std::nullopt);
  EXPECT_TRUE(config.eos_token_ids.empty());
}

TEST(Config, ReadsTheCommonNamesThatTransformersMapsToo) {
  const TransformerConfig config = parse_config({{"model_type", "gpt2"},
                                                 {"hidden_size", 64},
                                                 {"num_hidden_layers", 3},
                                                 {"num_attention_heads", 8},
                                                 {"max_position_embeddings", 77}});
  EXPECT_EQ(config.hidden_size, 64);
  EXPECT_EQ(config.layers, 3);
  EXPECT_EQ(config.heads, 8);
  EXPECT_EQ(config.max_positions, 77);
}

TEST(Config, ReadsEverySpellingOfTheActivation) {
  const std::vector<std::pair<const char*, Activation>> spellings = {{"gelu", Activation::gelu_erf},
                                                                     {"gelu_new", Activation::gelu_tanh},
                                                                     {"gelu_pytorch_tanh", Activation::gelu_tanh},
                                                                     {"gelu_fast", Activation::gelu_fast},
                                                                     {"relu", Activation::relu},
                                                                     {"silu", Activation::silu}};
  for (const auto& [name, activation] : spellings) {
    json config = small_gpt2();
    config["activation_function"] = name;
    EXPECT_EQ(parse_config(config).activation, activation) << name;
  }
}

TEST(Config, EndOfTextMayBeANumberNullOrAList) {
  json config = small_gpt2();
  config["eos_token_id"] = 7;
  EXPECT_THAT(parse_config(config).eos_token_ids, ElementsAre(7));
  config["eos_token_id"] = json::array({7, 99});
  EXPECT_THAT(parse_config(config).eos_token_ids, ElementsAre(7, 99));
  config["eos_token_id"] = nullptr;
  EXPECT_TRUE(parse_config(config).eos_token_ids.empty());
}

TEST(Config, AttentionScaleFollowsItsTwoSwitches) {
  TransformerConfig config;
  config.head_dim = 16;
  EXPECT_DOUBLE_EQ(config.attention_scale(3), 0.25);
  config.scale_attention_by_inverse_layer = true;
  EXPECT_DOUBLE_EQ(config.attention_scale(3), 0.0625);
  config.scale_attention = false;
  EXPECT_DOUBLE_EQ(config.attention_scale(3), 0.25);
  EXPECT_DOUBLE_EQ(config.attention_scale(0), 1.0);
}

TEST(Config, RefusesEveryMalformedFieldByName) {
  const std::vector<std::pair<const char*, json>> malformed = {
      {"vocab_size", 0},
      {"vocab_size", -5},
      {"vocab_size", "100"},
      {"vocab_size", 100.5},
      {"vocab_size", nullptr},
      {"vocab_size", json::array({100})},
      {"vocab_size", std::uint64_t{18446744073709551615U}},
      {"n_embd", 0},
      {"n_embd", 30},
      {"n_head", 0},
      {"n_head", 3},
      {"n_head", true},
      {"n_layer", 0},
      {"n_layer", std::int64_t{1} << 40},
      {"n_positions", (std::int64_t{1} << 31) + 1},
      {"n_positions", -1},
      {"n_inner", 0},
      {"n_inner", "wide"},
      {"layer_norm_epsilon", -1e-5},
      {"layer_norm_epsilon", "1e-5"},
      {"layer_norm_epsilon", nullptr},
      {"activation_function", "gelu_newest"},
      {"activation_function", 3},
      {"scale_attn_weights", 1},
      {"scale_attn_by_inverse_layer_idx", "yes"},
      {"reorder_and_upcast_attn", 0},
      {"tie_word_embeddings", "true"},
      {"bos_token_id", 100},
      {"bos_token_id", -1},
      {"eos_token_id", 100},
      {"eos_token_id", json::array({1, 100})},
      {"eos_token_id", "0"},
      {"pad_token_id", 1000},
      {"add_cross_attention", true},
      {"is_encoder_decoder", true},
      {"pruned_heads", {{"0", json::array({1})}}},
      {"position_embedding_type", "relative_key"},
      {"sliding_window", 128},
      {"auto_map", {{"AutoModel", "modeling.Model"}}},
      {"quantization_config", {{"bits", 4}}},
      {"model_type", "t5"},
      {"model_type", 3},
      {"hidden_size", 64},  // disagrees with n_embd
  };
  for (const auto& [field, value] : malformed) {
    json config = small_gpt2();
    config[field] = value;
    try {
      static_cast<void>(parse_config(config));
      ADD_FAILURE() << field << ": " << value << " was accepted";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(std::string("'") + field + "'")) << value;
      EXPECT_FALSE(error.hint().empty()) << field;
    }
  }
}

TEST(Config, RefusesWhatIsNoConfigAtAll) {
  for (const json& config : {json(nullptr), json(3), json::array(), json("gpt2"), json::object()}) {
    EXPECT_THROW(static_cast<void>(parse_config(config)), Error) << config;
  }
}

TEST(Config, IgnoresFieldsThatDoNotChangeTheFunction) {
  json config = small_gpt2();
  config.update({{"n_ctx", 12}, {"attn_pdrop", 0.1}, {"summary_type", "cls_index"}, {"add_cross_attention", false}});
  EXPECT_NO_THROW(static_cast<void>(parse_config(config)));
}

}  // namespace
}  // namespace stac::model
