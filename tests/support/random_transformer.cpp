#include "support/random_transformer.hpp"

#include <torch/torch.h>

#include <cmath>

namespace stac::testing {

namespace {

model::Norm random_norm(std::int64_t n) { return {1.0 + 0.3 * torch::randn({n}), 0.2 * torch::randn({n})}; }

model::Projection random_projection(std::int64_t outputs, std::int64_t inputs) {
  return {torch::randn({outputs, inputs}) / std::sqrt(static_cast<double>(inputs)), 0.1 * torch::randn({outputs})};
}

void plant(model::Norm& norm, const std::vector<model::Projection*>& readers, float factor) {
  norm = {norm.weight.clone(), norm.bias.clone()};
  for (model::Projection* reader : readers) reader->weight = reader->weight.clone();
  for (const std::int64_t channel : {1, 7, 20}) {
    norm.weight[channel] *= factor;
    norm.bias[channel] *= factor;
    for (model::Projection* reader : readers) reader->weight.select(1, channel) /= factor;
  }
}

at::Tensor norm(const at::Tensor& x, const model::Norm& parameters, double eps) {
  const at::Tensor centred = x - x.mean(-1, true);
  const at::Tensor scaled = centred / (centred.pow(2).mean(-1, true) + eps).sqrt();
  return scaled * parameters.weight.to(torch::kDouble) + parameters.bias.to(torch::kDouble);
}

at::Tensor project(const at::Tensor& x, const model::Projection& p) {
  const at::Tensor y = x.matmul(p.weight.to(torch::kDouble).t());
  return p.bias.defined() ? y + p.bias.to(torch::kDouble) : y;
}

at::Tensor activate(const at::Tensor& x, model::Activation activation) {
  if (activation == model::Activation::relu) return torch::relu(x);
  return 0.5 * x * (1 + torch::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x.pow(3))));
}

}  // namespace

RandomTransformer random_transformer(const RandomTransformerOptions& options) {
  torch::manual_seed(options.seed);
  const std::int64_t hidden = options.heads * options.head_dim;
  RandomTransformer m;
  m.config.vocab_size = options.vocab_size;
  m.config.hidden_size = hidden;
  m.config.layers = options.layers;
  m.config.heads = m.config.kv_heads = options.heads;
  m.config.head_dim = options.head_dim;
  m.config.intermediate_size = 3 * hidden;
  m.config.max_positions = options.max_positions;
  m.config.activation = options.activation;
  m.weights.token_embedding = torch::randn({options.vocab_size, hidden});
  m.weights.position_embedding = 0.3 * torch::randn({options.max_positions, hidden});
  std::vector<model::Block> blocks;
  for (std::int64_t layer = 0; layer < options.layers; ++layer) {
    model::Block block;
    block.attention_norm = random_norm(hidden);
    block.query = random_projection(hidden, hidden);
    block.key = random_projection(hidden, hidden);
    block.value = random_projection(hidden, hidden);
    block.attention_output = random_projection(hidden, hidden);
    block.mlp_norm = random_norm(hidden);
    block.up = random_projection(3 * hidden, hidden);
    block.down = random_projection(hidden, 3 * hidden);
    blocks.push_back(block);
  }
  m.weights.blocks = model::Blocks(std::move(blocks));
  m.weights.final_norm = random_norm(hidden);
  m.weights.head = model::held({m.weights.token_embedding, {}});
  return m;
}

RandomTransformer random_llama(const RandomLlamaOptions& options) {
  torch::manual_seed(options.seed);
  const std::int64_t hidden = options.heads * options.head_dim;
  const std::int64_t key_width = options.kv_heads * options.head_dim;
  const auto gain = [&] { return model::Norm{1.0 + 0.3 * torch::randn({hidden}), {}}; };
  const auto unbiased = [](std::int64_t outputs, std::int64_t inputs) {
    return model::Projection{random_projection(outputs, inputs).weight, {}};
  };
  RandomTransformer m;
  m.config.family = model::Family::llama;
  m.config.vocab_size = options.vocab_size;
  m.config.hidden_size = hidden;
  m.config.layers = options.layers;
  m.config.heads = options.heads;
  m.config.kv_heads = options.kv_heads;
  m.config.head_dim = options.head_dim;
  m.config.intermediate_size = 2 * hidden;
  m.config.max_positions = options.max_positions;
  m.config.rotary = model::RotaryPositions{.theta = 100.0};
  m.config.sliding_window = options.sliding_window;
  m.config.first_windowed_layer = options.first_windowed_layer;
  m.config.norm = model::NormKind::rms;
  m.config.activation = model::Activation::silu;
  m.config.gated_mlp = true;
  m.config.query_key_value_bias = m.config.attention_output_bias = m.config.mlp_bias = false;
  m.weights.token_embedding = torch::randn({options.vocab_size, hidden});
  std::vector<model::Block> blocks;
  for (std::int64_t layer = 0; layer < options.layers; ++layer) {
    model::Block block;
    block.attention_norm = gain();
    block.query = unbiased(hidden, hidden);
    block.key = unbiased(key_width, hidden);
    block.value = unbiased(key_width, hidden);
    block.attention_output = unbiased(hidden, hidden);
    block.mlp_norm = gain();
    block.gate = unbiased(2 * hidden, hidden);
    block.up = unbiased(2 * hidden, hidden);
    block.down = unbiased(hidden, 2 * hidden);
    blocks.push_back(block);
  }
  m.weights.blocks = model::Blocks(std::move(blocks));
  m.weights.final_norm = gain();
  m.weights.head = model::held({m.weights.token_embedding, {}});
  return m;
}

RandomTransformer with_outlier_channels(const RandomTransformer& plain, float factor) {
  RandomTransformer m = plain;
  std::vector<model::Block> blocks;
  for (std::int64_t layer = 0; layer < m.config.layers; ++layer) {
    model::Block block = m.weights.blocks[layer];
    plant(block.attention_norm, {&block.query, &block.key, &block.value}, factor);
    plant(block.mlp_norm, {&block.up}, factor);
    blocks.push_back(std::move(block));
  }
  m.weights.blocks = model::Blocks(std::move(blocks));
  model::Projection head = m.weights.head();
  plant(m.weights.final_norm, {&head}, factor);
  m.weights.head = model::held(std::move(head));
  return m;
}

at::Tensor dense_logits(const RandomTransformer& m, const std::vector<std::int64_t>& ids) {
  const auto n = static_cast<std::int64_t>(ids.size());
  at::Tensor x = m.weights.token_embedding.index_select(0, torch::tensor(ids)).to(torch::kDouble) +
                 m.weights.position_embedding.narrow(0, 0, n).to(torch::kDouble);
  const at::Tensor future = torch::ones({n, n}, torch::kBool).triu(1);
  const auto heads = [&](const at::Tensor& rows) {
    return rows.view({n, m.config.heads, m.config.head_dim}).transpose(0, 1);
  };
  for (std::int64_t layer = 0; layer < m.config.layers; ++layer) {
    const model::Block block = m.weights.blocks[layer];
    const at::Tensor read = norm(x, block.attention_norm, m.config.norm_eps);
    at::Tensor scores = heads(project(read, block.query)).matmul(heads(project(read, block.key)).transpose(1, 2)) /
                        std::sqrt(static_cast<double>(m.config.head_dim));
    scores = scores.masked_fill(future, -1e300).softmax(-1);
    const at::Tensor mixed = scores.matmul(heads(project(read, block.value))).transpose(0, 1).reshape({n, -1});
    x = x + project(mixed, block.attention_output);
    const at::Tensor inner =
        activate(project(norm(x, block.mlp_norm, m.config.norm_eps), block.up), m.config.activation);
    x = x + project(inner, block.down);
  }
  return project(norm(x, m.weights.final_norm, m.config.norm_eps), m.weights.head()).to(torch::kFloat);
}

}  // namespace stac::testing
