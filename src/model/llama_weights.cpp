#include "model/llama_weights.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <regex>

#include "model/head_tensor.hpp"
#include "model/tensor_reader.hpp"

namespace stac::model {
namespace {

constexpr const char* kPrefix = "model.";
constexpr const char* kTokens = "embed_tokens.weight";
constexpr const char* kFinalNorm = "norm.weight";

std::string block_name(std::int64_t layer) { return "layers." + std::to_string(layer) + "."; }

/// One projection of a block: where it stands, and under what name and shape.
struct Entry {
  const char* name;
  Projection Block::*projection;
  std::int64_t out, in;
  bool bias;
};

std::vector<Entry> entries(const TransformerConfig& config) {
  const std::int64_t hidden = config.hidden_size, inner = config.intermediate_size;
  const std::int64_t queries = config.heads * config.head_dim, keys = config.kv_heads * config.head_dim;
  return {{"self_attn.q_proj", &Block::query, queries, hidden, config.query_key_value_bias},
          {"self_attn.k_proj", &Block::key, keys, hidden, config.query_key_value_bias},
          {"self_attn.v_proj", &Block::value, keys, hidden, config.query_key_value_bias},
          {"self_attn.o_proj", &Block::attention_output, hidden, queries, config.attention_output_bias},
          {"mlp.gate_proj", &Block::gate, inner, hidden, config.mlp_bias},
          {"mlp.up_proj", &Block::up, inner, hidden, config.mlp_bias},
          {"mlp.down_proj", &Block::down, hidden, inner, config.mlp_bias}};
}

struct NormEntry {
  const char* name;
  Norm Block::*norm;
};

constexpr NormEntry kNorms[] = {{"input_layernorm.weight", &Block::attention_norm},
                                {"post_attention_layernorm.weight", &Block::mlp_norm}};

void require_block(TensorReader& reader, const TransformerConfig& config, const std::string& block) {
  for (const NormEntry& entry : kNorms) reader.require(block + entry.name, {config.hidden_size});
  for (const Entry& entry : entries(config)) {
    reader.require(block + entry.name + ".weight", {entry.out, entry.in});
    if (entry.bias) reader.require(block + entry.name + ".bias", {entry.out});
  }
}

void require_embeddings(TensorReader& reader, const TransformerConfig& config) {
  reader.require(kTokens, {config.vocab_size, config.hidden_size});
}

void require_all(TensorReader& reader, const TransformerConfig& config) {
  require_embeddings(reader, config);
  reader.require(kFinalNorm, {config.hidden_size});
  require_head(reader, config, kTokens);
  for (std::int64_t layer = 0; layer < config.layers; ++layer) require_block(reader, config, block_name(layer));
}

Block read_block(const TensorReader& reader, const TransformerConfig& config, const std::string& block) {
  Block result;
  for (const NormEntry& entry : kNorms) result.*entry.norm = {reader.read(block + entry.name), {}};
  for (const Entry& entry : entries(config)) {
    const std::string name = block + entry.name;
    result.*entry.projection = {reader.read(name + ".weight"), entry.bias ? reader.read(name + ".bias") : at::Tensor()};
  }
  return result;
}

TransformerWeights read_embeddings(const TensorReader& reader) {
  TransformerWeights weights;
  weights.token_embedding = reader.read(kTokens);
  return weights;
}

TransformerWeights read_all(const TensorReader& reader, const TransformerConfig& config) {
  TransformerWeights weights = read_embeddings(reader);
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    weights.blocks.push_back(read_block(reader, config, block_name(layer)));
  }
  weights.final_norm = {reader.read(kFinalNorm), {}};
  weights.head.weight = read_head(reader, config, weights.token_embedding);
  return weights;
}

/// Older checkpoints store the angles of their rotary positions, which follow from the config.
std::vector<std::string> without_angles(std::vector<std::string> names) {
  static const std::regex buffer(R"((model\.)?layers\.\d+\.self_attn\.rotary_emb\.inv_freq)");
  std::erase_if(names, [](const std::string& name) { return std::regex_match(name, buffer); });
  return names;
}

}  // namespace

LoadedWeights load_llama_embeddings(const TransformerConfig& config, const io::TensorStore& store) {
  TensorReader reader(store, kPrefix);
  require_embeddings(reader, config);
  reader.require_finite();
  return {read_embeddings(reader), reader.used(), {}};
}

LoadedWeights load_llama_weights(const TransformerConfig& config, const io::TensorStore& store) {
  TensorReader reader(store, kPrefix);
  require_all(reader, config);
  reader.require_finite();
  LoadedWeights loaded;
  loaded.weights = read_all(reader, config);
  loaded.used = reader.used();
  loaded.surplus = without_angles(reader.unused());
  return loaded;
}

}  // namespace stac::model
