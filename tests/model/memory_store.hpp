// A TensorStore of tensors in memory, and a small GPT-2 and a small Llama to put into it.
#pragma once
#include <ATen/ATen.h>

#include <map>
#include <string>

#include "stac/error.hpp"
#include "stac/io/tensor_store.hpp"
#include "stac/model/config.hpp"
#include "stac/model/tensors.hpp"

namespace stac::model {

class MemoryStore final : public io::TensorStore {
 public:
  std::map<std::string, at::Tensor> tensors;

  [[nodiscard]] std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors) names.push_back(name);
    return names;
  }
  [[nodiscard]] bool contains(const std::string& name) const override { return tensors.contains(name); }
  [[nodiscard]] io::TensorView tensor(const std::string& name) const override {
    const auto entry = tensors.find(name);
    if (entry == tensors.end()) throw Error("memory: no tensor '" + name + "'");
    return to_view(entry->second);
  }
  [[nodiscard]] std::filesystem::path file_of(const std::string&) const override { return "memory.safetensors"; }
};

inline TransformerConfig tiny_config() {
  return parse_config({{"model_type", "gpt2"},
                       {"vocab_size", 11},
                       {"n_positions", 8},
                       {"n_embd", 6},
                       {"n_head", 2},
                       {"n_layer", 2},
                       {"n_inner", 10}});
}

inline MemoryStore tiny_store(const std::string& prefix = "transformer.") {
  at::manual_seed(3);
  MemoryStore store;
  const auto put = [&](const std::string& name, std::vector<std::int64_t> shape) {
    store.tensors[prefix + name] = at::randn(shape);
  };
  put("wte.weight", {11, 6});
  put("wpe.weight", {8, 6});
  for (const std::string block : {"h.0.", "h.1."}) {
    for (const char* norm : {"ln_1", "ln_2"}) {
      put(block + norm + ".weight", {6});
      put(block + norm + ".bias", {6});
    }
    put(block + "attn.c_attn.weight", {6, 18});
    put(block + "attn.c_attn.bias", {18});
    put(block + "attn.c_proj.weight", {6, 6});
    put(block + "attn.c_proj.bias", {6});
    put(block + "mlp.c_fc.weight", {6, 10});
    put(block + "mlp.c_fc.bias", {10});
    put(block + "mlp.c_proj.weight", {10, 6});
    put(block + "mlp.c_proj.bias", {6});
  }
  put("ln_f.weight", {6});
  put("ln_f.bias", {6});
  return store;
}

/// Its queries and keys are wider than its hidden rows.
inline TransformerConfig tiny_llama_config() {
  return parse_config({{"model_type", "llama"},
                       {"vocab_size", 11},
                       {"max_position_embeddings", 8},
                       {"hidden_size", 6},
                       {"head_dim", 4},
                       {"num_attention_heads", 2},
                       {"num_key_value_heads", 1},
                       {"num_hidden_layers", 2},
                       {"intermediate_size", 10},
                       {"attention_bias", true},
                       {"tie_word_embeddings", true}});
}

inline MemoryStore tiny_llama_store(const std::string& prefix = "model.") {
  at::manual_seed(4);
  MemoryStore store;
  const auto put = [&](const std::string& name, std::vector<std::int64_t> shape) {
    store.tensors[prefix + name] = at::randn(shape);
  };
  put("embed_tokens.weight", {11, 6});
  for (const std::string block : {"layers.0.", "layers.1."}) {
    put(block + "input_layernorm.weight", {6});
    put(block + "post_attention_layernorm.weight", {6});
    const auto attention = [&](const std::string& name, std::int64_t out, std::int64_t in) {
      put(block + "self_attn." + name + ".weight", {out, in});
      put(block + "self_attn." + name + ".bias", {out});
    };
    attention("q_proj", 8, 6);
    attention("k_proj", 4, 6);
    attention("v_proj", 4, 6);
    attention("o_proj", 6, 8);
    put(block + "mlp.gate_proj.weight", {10, 6});
    put(block + "mlp.up_proj.weight", {10, 6});
    put(block + "mlp.down_proj.weight", {6, 10});
  }
  put("norm.weight", {6});
  return store;
}

}  // namespace stac::model
