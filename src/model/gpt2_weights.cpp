#include "model/gpt2_weights.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <regex>

#include "model/head_tensor.hpp"
#include "model/tensor_reader.hpp"

namespace stac::model {
namespace {

constexpr const char* kPrefix = "transformer.";
constexpr const char* kTokens = "wte.weight";
constexpr const char* kPositions = "wpe.weight";

std::string block_name(std::int64_t layer) { return "h." + std::to_string(layer) + "."; }

void require_norm(TensorReader& reader, const std::string& name, std::int64_t hidden) {
  reader.require(name + ".weight", {hidden});
  reader.require(name + ".bias", {hidden});
}

/// transformers' Conv1D, the layer of GPT-2's projections, holds its weight as [in, out].
void require_conv1d(TensorReader& reader, const std::string& name, std::int64_t in, std::int64_t out) {
  reader.require(name + ".weight", {in, out});
  reader.require(name + ".bias", {out});
}

void require_block(TensorReader& reader, const TransformerConfig& config, const std::string& block) {
  require_norm(reader, block + "ln_1", config.hidden_size);
  require_conv1d(reader, block + "attn.c_attn", config.hidden_size, 3 * config.hidden_size);
  require_conv1d(reader, block + "attn.c_proj", config.hidden_size, config.hidden_size);
  require_norm(reader, block + "ln_2", config.hidden_size);
  require_conv1d(reader, block + "mlp.c_fc", config.hidden_size, config.intermediate_size);
  require_conv1d(reader, block + "mlp.c_proj", config.intermediate_size, config.hidden_size);
}

void require_embeddings(TensorReader& reader, const TransformerConfig& config) {
  reader.require(kTokens, {config.vocab_size, config.hidden_size});
  reader.require(kPositions, {config.max_positions, config.hidden_size});
}

void require_all(TensorReader& reader, const TransformerConfig& config) {
  require_embeddings(reader, config);
  require_norm(reader, "ln_f", config.hidden_size);
  require_head(reader, config, kTokens);
  for (std::int64_t layer = 0; layer < config.layers; ++layer) require_block(reader, config, block_name(layer));
}

Norm read_norm(const TensorReader& reader, const std::string& name) {
  return {reader.read(name + ".weight"), reader.read(name + ".bias")};
}

Projection read_conv1d(const TensorReader& reader, const std::string& name) {
  return {reader.read(name + ".weight").t().contiguous(), reader.read(name + ".bias")};
}

Projection rows(const Projection& fused, std::int64_t part, std::int64_t size) {
  return {fused.weight.narrow(0, part * size, size), fused.bias.narrow(0, part * size, size)};
}

Block read_block(const TensorReader& reader, const TransformerConfig& config, const std::string& block) {
  const Projection fused = read_conv1d(reader, block + "attn.c_attn");
  Block result;
  result.attention_norm = read_norm(reader, block + "ln_1");
  result.query = rows(fused, 0, config.hidden_size);
  result.key = rows(fused, 1, config.hidden_size);
  result.value = rows(fused, 2, config.hidden_size);
  result.attention_output = read_conv1d(reader, block + "attn.c_proj");
  result.mlp_norm = read_norm(reader, block + "ln_2");
  result.up = read_conv1d(reader, block + "mlp.c_fc");
  result.down = read_conv1d(reader, block + "mlp.c_proj");
  return result;
}

TransformerWeights read_embeddings(const TensorReader& reader) {
  TransformerWeights weights;
  weights.token_embedding = reader.read(kTokens);
  weights.position_embedding = reader.read(kPositions);
  return weights;
}

TransformerWeights read_all(const TensorReader& reader, const TransformerConfig& config) {
  TransformerWeights weights = read_embeddings(reader);
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    weights.blocks.push_back(read_block(reader, config, block_name(layer)));
  }
  weights.final_norm = read_norm(reader, "ln_f");
  weights.head.weight = read_head(reader, config, weights.token_embedding);
  return weights;
}

/// Older checkpoints store the causal mask and its fill value beside the weights.
std::vector<std::string> without_mask_buffers(std::vector<std::string> names) {
  static const std::regex buffer(R"((transformer\.)?h\.\d+\.attn\.(bias|masked_bias))");
  std::erase_if(names, [](const std::string& name) { return std::regex_match(name, buffer); });
  return names;
}

}  // namespace

std::vector<StoredTensor> stored_gpt2_down_projection(const io::TensorStore& store, std::int64_t layer,
                                                      const Projection& projection) {
  const TensorReader reader(store, kPrefix);
  const std::string name = block_name(layer) + "mlp.c_proj";
  return {{reader.stored(name + ".weight"), projection.weight.t().contiguous()},
          {reader.stored(name + ".bias"), projection.bias}};
}

LoadedWeights load_gpt2_embeddings(const TransformerConfig& config, const io::TensorStore& store) {
  TensorReader reader(store, kPrefix);
  require_embeddings(reader, config);
  reader.require_finite();
  return {read_embeddings(reader), reader.used(), {}};
}

LoadedWeights load_gpt2_weights(const TransformerConfig& config, const io::TensorStore& store) {
  TensorReader reader(store, kPrefix);
  require_all(reader, config);
  reader.require_finite();
  LoadedWeights loaded;
  loaded.weights = read_all(reader, config);
  loaded.used = reader.used();
  loaded.surplus = without_mask_buffers(reader.unused());
  return loaded;
}

}  // namespace stac::model
