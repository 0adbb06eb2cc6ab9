// Small random transformers for tests, and the function that they compute, in f64 and in the plainest words.
#pragma once
#include <cstdint>
#include <vector>

#include "stac/model/weights.hpp"

namespace stac::testing {

struct RandomTransformer {
  model::TransformerConfig config;
  model::TransformerWeights weights;
};

struct RandomTransformerOptions {
  std::int64_t layers = 2;
  std::int64_t heads = 4;
  std::int64_t head_dim = 8;
  std::int64_t vocab_size = 61;
  std::int64_t max_positions = 64;
  model::Activation activation = model::Activation::gelu_tanh;
  std::uint64_t seed = 1;
};

/// Weights of a plausible size, norm gains around 1, biases small. Of the GPT-2 family.
[[nodiscard]] RandomTransformer random_transformer(const RandomTransformerOptions& options);

struct RandomLlamaOptions {
  std::int64_t layers = 2;
  std::int64_t heads = 4;
  std::int64_t kv_heads = 2;
  std::int64_t head_dim = 4;
  std::int64_t vocab_size = 61;
  std::int64_t max_positions = 64;
  std::int64_t sliding_window = 0;
  std::int64_t first_windowed_layer = 0;
  std::uint64_t seed = 1;
};

/// The same of the Llama family: rotary positions, RMSNorm, a gated MLP, grouped heads, no biases.
[[nodiscard]] RandomTransformer random_llama(const RandomLlamaOptions& options);

/// The same function with a few norm gains (and the biases with them) multiplied by `factor` and the weights that read
/// those channels divided by it.
[[nodiscard]] RandomTransformer with_outlier_channels(const RandomTransformer& plain, float factor);

/// Of a random_transformer(). f32 [ids, vocab_size], computed in f64 without any of the library's products.
[[nodiscard]] at::Tensor dense_logits(const RandomTransformer& m, const std::vector<std::int64_t>& ids);

}  // namespace stac::testing
