#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "stac/error.hpp"
#include "stac/model/config.hpp"

namespace stac::model {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

json small(const char* type) {
  return {{"model_type", type},       {"vocab_size", 100},
          {"hidden_size", 32},        {"num_hidden_layers", 4},
          {"num_attention_heads", 4}, {"num_key_value_heads", 2},
          {"intermediate_size", 48},  {"max_position_embeddings", 64}};
}

json with(json config, const json& more) {
  config.update(more);
  return config;
}

void expect_refusal(const json& config, const std::string& field) {
  try {
    static_cast<void>(parse_config(config));
    ADD_FAILURE() << field << " was accepted: " << config;
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("'" + field + "'"));
    EXPECT_FALSE(error.hint().empty()) << field;
  }
}

std::vector<std::int64_t> windows(const json& config) {
  const TransformerConfig parsed = parse_config(config);
  std::vector<std::int64_t> result;
  for (std::int64_t layer = 0; layer < parsed.layers; ++layer) result.push_back(parsed.window(layer));
  return result;
}

TEST(LlamaConfig, TakesTransformersDefaultsForAbsentFields) {
  const TransformerConfig llama = parse_config({{"model_type", "llama"}});
  EXPECT_EQ(llama.vocab_size, 32000);
  EXPECT_EQ(llama.hidden_size, 4096);
  EXPECT_EQ(llama.intermediate_size, 11008);
  EXPECT_EQ(llama.layers, 32);
  EXPECT_EQ(llama.kv_heads, 32);
  EXPECT_EQ(llama.head_dim, 128);
  EXPECT_EQ(llama.max_positions, 2048);
  EXPECT_EQ(llama.norm, NormKind::rms);
  EXPECT_EQ(llama.norm_eps, 1e-6);
  EXPECT_EQ(llama.activation, Activation::silu);
  EXPECT_TRUE(llama.gated_mlp);
  EXPECT_FALSE(llama.tied_head || llama.query_key_value_bias || llama.attention_output_bias || llama.mlp_bias);
  EXPECT_EQ(llama.rotary->theta, 10000.0);
  EXPECT_EQ(llama.window(0), 0);
  EXPECT_EQ(llama.bos_token_id, 1);
  EXPECT_THAT(llama.eos_token_ids, ElementsAre(2));

  const TransformerConfig qwen2 = parse_config({{"model_type", "qwen2"}});
  EXPECT_EQ(qwen2.vocab_size, 151936);
  EXPECT_EQ(qwen2.intermediate_size, 22016);
  EXPECT_EQ(qwen2.max_positions, 32768);
  EXPECT_TRUE(qwen2.query_key_value_bias);
  EXPECT_FALSE(qwen2.attention_output_bias || qwen2.mlp_bias);
  EXPECT_EQ(qwen2.window(31), 0);
  EXPECT_EQ(qwen2.bos_token_id, std::nullopt);

  const TransformerConfig mistral = parse_config({{"model_type", "mistral"}});
  EXPECT_EQ(mistral.intermediate_size, 14336);
  EXPECT_EQ(mistral.kv_heads, 8);
  EXPECT_EQ(mistral.max_positions, 131072);
  EXPECT_EQ(mistral.window(0), 4096);
}

TEST(LlamaConfig, ReadsTheConfigsOfKnownModels) {
  const TransformerConfig smollm2 = parse_config(json::parse(R"({"architectures": ["LlamaForCausalLM"],
    "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu",
    "hidden_size": 576, "initializer_range": 0.041666666666666664, "intermediate_size": 1536, "is_llama_config": true,
    "max_position_embeddings": 8192, "mlp_bias": false, "model_type": "llama", "num_attention_heads": 9,
    "num_hidden_layers": 30, "num_key_value_heads": 3, "pad_token_id": 2, "pretraining_tp": 1, "rms_norm_eps": 1e-05,
    "rope_interleaved": false, "rope_scaling": null, "rope_theta": 100000, "tie_word_embeddings": true,
    "torch_dtype": "bfloat16", "transformers.js_config": {"kv_cache_dtype": {"fp16": "float16"}},
    "transformers_version": "4.42.3", "use_cache": true, "vocab_size": 49152})"));
  EXPECT_EQ(smollm2.head_dim, 64);
  EXPECT_EQ(smollm2.rotary->theta, 100000.0);
  EXPECT_EQ(smollm2.max_positions, 8192);

  const TransformerConfig qwen = parse_config(json::parse(R"({"architectures": ["Qwen2ForCausalLM"],
    "attention_dropout": 0.0, "bos_token_id": 151643, "eos_token_id": 151645, "hidden_act": "silu", "hidden_size": 896,
    "initializer_range": 0.02, "intermediate_size": 4864, "max_position_embeddings": 32768, "max_window_layers": 21,
    "model_type": "qwen2", "num_attention_heads": 14, "num_hidden_layers": 24, "num_key_value_heads": 2,
    "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "sliding_window": 32768, "tie_word_embeddings": true,
    "torch_dtype": "bfloat16", "transformers_version": "4.43.1", "use_cache": true, "use_sliding_window": false,
    "vocab_size": 151936})"));
  EXPECT_EQ(qwen.window(23), 0);
  EXPECT_EQ(qwen.kv_heads, 2);

  const TransformerConfig llama = parse_config(json::parse(R"({"architectures": ["LlamaForCausalLM"],
    "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 128000, "eos_token_id": [128001, 128008, 128009],
    "head_dim": 64, "hidden_act": "silu", "hidden_size": 2048, "initializer_range": 0.02, "intermediate_size": 8192,
    "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "llama", "num_attention_heads": 32,
    "num_hidden_layers": 16, "num_key_value_heads": 8, "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling":
    {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 8192,
     "rope_type": "llama3"}, "rope_theta": 500000.0, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
    "transformers_version": "4.45.0.dev0", "use_cache": true, "vocab_size": 128256})"));
  EXPECT_EQ(llama.rotary->scaling, RopeScaling::llama3);
  EXPECT_EQ(llama.rotary->original_positions, 8192);
  EXPECT_EQ(llama.max_positions, 131072);
  EXPECT_EQ(llama.eos_token_ids.size(), 3U);
}

TEST(LlamaConfig, BothSpellingsOfRotaryPositionsMeanTheSame) {
  const json scaling = {{"rope_type", "linear"}, {"factor", 4.0}};
  const json old = with(small("llama"), {{"rope_theta", 500.0}, {"rope_scaling", {{"type", "linear"}, {"factor", 4}}}});
  json both = with(small("llama"), {{"rope_theta", 500.0}, {"rope_scaling", scaling}});
  both["rope_parameters"] = scaling;
  json fresh = small("llama");
  fresh["rope_parameters"] = with(scaling, {{"rope_theta", 500}});
  for (const json& config : {old, both, fresh}) {
    const TransformerConfig parsed = parse_config(config);
    EXPECT_EQ(parsed.rotary->scaling, RopeScaling::linear);
    EXPECT_EQ(parsed.rotary->theta, 500.0);
    EXPECT_EQ(parsed.rotary->factor, 4.0);
  }
}

TEST(LlamaConfig, TheLongestTextIsWhatTheScalingAllowsFor) {
  const auto limit = [](const json& scaling) {
    return parse_config(with(small("llama"), {{"rope_scaling", scaling}})).max_positions;
  };
  EXPECT_EQ(limit(nullptr), 64);
  EXPECT_EQ(limit({{"type", "linear"}, {"factor", 2.5}}), 160);
  EXPECT_EQ(limit({{"type", "dynamic"}, {"factor", 8.0}}), 512);
  EXPECT_EQ(limit({{"type", "yarn"}, {"factor", 4.0}}), 256);  // 64 is the context before scaling
  EXPECT_EQ(limit({{"type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 16}}), 64);
  EXPECT_EQ(limit({{"type", "dynamic"}, {"factor", 1e30}}), std::int64_t{1} << 31);
}

TEST(LlamaConfig, YarnsAmplitudeFollowsItsFields) {
  const auto amplitude = [](const json& more) {
    const json scaling = with({{"type", "yarn"}, {"factor", 4.0}}, more);
    return parse_config(with(small("llama"), {{"rope_scaling", scaling}})).rotary->amplitude;
  };
  EXPECT_DOUBLE_EQ(amplitude(json::object()), 0.1 * std::log(4.0) + 1);
  EXPECT_DOUBLE_EQ(amplitude({{"attention_factor", 0.5}, {"mscale", 2.0}}), 0.5);
  EXPECT_DOUBLE_EQ(amplitude({{"mscale", 2.0}, {"mscale_all_dim", 0.0}}), 0.1 * std::log(4.0) + 1);
  EXPECT_DOUBLE_EQ(amplitude({{"mscale", 2.0}, {"mscale_all_dim", 1.0}}),
                   (0.2 * std::log(4.0) + 1) / (0.1 * std::log(4.0) + 1));
}

TEST(LlamaConfig, ASwitchThatIsOffKeepsQwen2sWindowsAway) {
  const json off =
      with(small("qwen2"), {{"use_sliding_window", false}, {"sliding_window", 8}, {"max_window_layers", 0}});
  EXPECT_THAT(windows(off), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(windows(with(off, {{"use_sliding_window", true}})), ElementsAre(8, 8, 8, 8));
  EXPECT_THAT(windows(with(off, {{"use_sliding_window", true}, {"max_window_layers", 3}})), ElementsAre(0, 0, 0, 8));
  EXPECT_THAT(windows(with(off, {{"use_sliding_window", true}, {"sliding_window", nullptr}})), ElementsAre(0, 0, 0, 0));
  const json types = {"full_attention", "sliding_attention", "full_attention", "full_attention"};
  EXPECT_THAT(windows(with(off, {{"use_sliding_window", true}, {"layer_types", types}})), ElementsAre(0, 8, 0, 0));
  expect_refusal(with(off, {{"layer_types", types}}), "layer_types");
}

TEST(LlamaConfig, MistralsWindowIsThereUnlessItIsNull) {
  EXPECT_THAT(windows(with(small("mistral"), {{"sliding_window", 7}})), ElementsAre(7, 7, 7, 7));
  EXPECT_THAT(windows(with(small("mistral"), {{"sliding_window", nullptr}})), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(windows(small("mistral")), ElementsAre(4096, 4096, 4096, 4096));
}

TEST(LlamaConfig, RefusesEveryMalformedFieldByName) {
  const std::vector<std::pair<const char*, json>> malformed = {
      {"vocab_size", 0},
      {"vocab_size", "100"},
      {"hidden_size", 30},
      {"hidden_size", nullptr},
      {"num_hidden_layers", 0},
      {"num_attention_heads", 1.5},
      {"num_key_value_heads", 3},
      {"num_key_value_heads", 8},
      {"num_key_value_heads", 0},
      {"head_dim", 0},
      {"head_dim", 7},
      {"head_dim", "8"},
      {"intermediate_size", -1},
      {"max_position_embeddings", 0},
      {"rms_norm_eps", -1.0},
      {"rms_norm_eps", nullptr},
      {"hidden_act", "geglu"},
      {"hidden_act", 1},
      {"attention_bias", 1},
      {"mlp_bias", "no"},
      {"tie_word_embeddings", 0},
      {"bos_token_id", 100},
      {"eos_token_id", json::array({1, 100})},
      {"rope_theta", 0},
      {"rope_theta", "10000"},
      {"rope_theta", -1.0},
      {"rope_theta", 1.0},
      {"rope_scaling", 2.0},
      {"rope_parameters", json::array()},
      {"partial_rotary_factor", 0.5},
      {"sliding_window", 8},
      {"use_sliding_window", true},
      {"layer_types", json::array({"full_attention"})},
      {"layer_types", "full_attention"},
      {"layer_types", json::array({"full_attention", "full_attention", "full_attention", "chunked_attention"})},
      {"layer_types", json::array({"full_attention", "full_attention", "full_attention", "sliding_attention"})},
      {"architectures", json::array({"LlamaForSequenceClassification"})},
      {"architectures", json::array({"Qwen2ForCausalLM"})},
      {"is_causal", false},
      {"add_cross_attention", true},
      {"is_encoder_decoder", true},
      {"pruned_heads", {{"0", json::array({1})}}},
      {"auto_map", {{"AutoModel", "modeling.Model"}}},
      {"quantization_config", {{"bits", 4}}},
  };
  for (const auto& [field, value] : malformed) expect_refusal(with(small("llama"), {{field, value}}), field);
  expect_refusal(with(small("qwen2"), {{"attention_bias", false}}), "attention_bias");
  expect_refusal(with(small("qwen2"), {{"mlp_bias", true}}), "mlp_bias");
  expect_refusal(with(small("qwen2"), {{"sliding_window", 0}}), "sliding_window");
  expect_refusal(with(small("qwen2"), {{"max_window_layers", -1}}), "max_window_layers");
  expect_refusal(with(small("qwen2"), {{"use_sliding_window", "true"}}), "use_sliding_window");
  expect_refusal(with(small("mistral"), {{"attention_bias", true}}), "attention_bias");
  expect_refusal(with(small("mistral"), {{"sliding_window", 8}, {"use_sliding_window", false}}), "use_sliding_window");
  expect_refusal(with(small("mistral"), {{"sliding_window", -8}}), "sliding_window");
}

TEST(LlamaConfig, RefusesEveryMalformedScalingByName) {
  const json linear = {{"rope_type", "linear"}, {"factor", 2.0}};
  const json llama3 = {{"rope_type", "llama3"}, {"factor", 2.0}, {"low_freq_factor", 1.0}, {"high_freq_factor", 4.0}};
  const json yarn = {{"rope_type", "yarn"}, {"factor", 2.0}};
  const std::vector<std::tuple<json, const char*, json>> malformed = {
      {linear, "rope_type", "longrope"},
      {linear, "rope_type", 3},
      {linear, "type", "dynamic"},
      {linear, "factor", nullptr},
      {linear, "factor", 0.5},
      {linear, "factor", "2"},
      {linear, "rope_theta", 0.5},
      {linear, "partial_rotary_factor", 0.5},
      {linear, "mrope_section", json::array({1, 1, 2})},
      {linear, "beta_fast", 32},
      {linear, "full_attention", {{"rope_type", "default"}}},
      {llama3, "low_freq_factor", nullptr},
      {llama3, "low_freq_factor", 0},
      {llama3, "high_freq_factor", 1.0},
      {llama3, "original_max_position_embeddings", 0},
      {llama3, "original_max_position_embeddings", 10.5},
      {yarn, "attention_factor", 0},
      {yarn, "attention_factor", "1"},
      {yarn, "beta_fast", 0.5},
      {yarn, "beta_slow", -1},
      {yarn, "truncate", 1},
      {yarn, "finetuned", true},
  };
  for (const auto& [scaling, field, value] : malformed) {
    json config = small("llama");
    config["rope_scaling"] = with(scaling, {{field, value}});
    const bool two_names = std::string(field) == "type";
    expect_refusal(config, "rope_scaling." + std::string(two_names ? "rope_type" : field));
  }
  json odd = with(small("llama"), {{"head_dim", 2}, {"rope_scaling", {{"type", "dynamic"}, {"factor", 2.0}}}});
  expect_refusal(odd, "rope_scaling.rope_type");
  expect_refusal(with(small("llama"), {{"rope_theta", 5.0}, {"rope_parameters", {{"rope_theta", 6.0}}}}), "rope_theta");
  expect_refusal(with(small("llama"), {{"rope_scaling", linear}, {"rope_parameters", yarn}}), "rope_parameters");
}

TEST(LlamaConfig, RefusesAFieldThatNobodyKnowsUnlessItIsOff) {
  const std::vector<std::pair<const char*, json>> unknown = {{"use_qk_norm", true},
                                                             {"attn_logit_softcapping", 50.0},
                                                             {"logits_scaling", 1.5},
                                                             {"num_local_experts", 8},
                                                             {"rope_interleaved", true},
                                                             {"norm_type", "layernorm"},
                                                             {"no_rope_layers", json::array({1, 0})},
                                                             {"attention", {{"sink", true}}},
                                                             {"line\nbreak", true}};
  for (const char* type : {"llama", "qwen2", "mistral"}) {
    for (const auto& [field, value] : unknown) {
      if (std::string(field) == "line\nbreak") {
        expect_refusal(with(small(type), {{field, value}}), "line?break");
        continue;
      }
      expect_refusal(with(small(type), {{field, value}}), field);
    }
    const json off = {
        {"use_qk_norm", false}, {"experts", 0}, {"mask", nullptr}, {"norm_type", ""}, {"heads", json::array()}};
    EXPECT_NO_THROW(static_cast<void>(parse_config(with(small(type), off))));
  }
}

TEST(LlamaConfig, IgnoresFieldsThatDoNotChangeTheFunction) {
  const json harmless = {{"_name_or_path", "x"}, {"torch_dtype", "float16"},   {"temperature", 0.6},
                         {"use_cache", true},    {"unsloth_version", "2024"},  {"id2label", {{"0", "a"}}},
                         {"pretraining_tp", 2},  {"attention_dropout", 0.1},   {"pad_token_id", -1},
                         {"dtype", "bfloat16"},  {"transformers_version", "5"}};
  EXPECT_NO_THROW(static_cast<void>(parse_config(with(small("llama"), harmless))));
}

TEST(LlamaConfig, AHugeNumberOfLayersIsNoReasonToAllocate) {
  const json config = with(small("mistral"), {{"num_hidden_layers", std::int64_t{1} << 31}});
  EXPECT_EQ(parse_config(config).window((std::int64_t{1} << 31) - 1), 4096);
}

}  // namespace
}  // namespace stac::model
