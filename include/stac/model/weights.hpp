// The parameters of a transformer as f32 tensors, family differences resolved: every projection is [out, in].
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "stac/io/tensor_store.hpp"
#include "stac/model/config.hpp"

namespace stac::model {

/// y = weight x + bias.
struct Projection {
  at::Tensor weight;  ///< [out, in], f32, contiguous
  at::Tensor bias;    ///< [out], f32; undefined where the model has none
};

/// LayerNorm (or RMSNorm where bias is undefined).
struct Norm {
  at::Tensor weight;  ///< [hidden]
  at::Tensor bias;    ///< [hidden] or undefined
};

struct Block {
  Norm attention_norm;
  Projection query, key, value, attention_output;
  Norm mlp_norm;
  Projection up, down;
};

struct TransformerWeights {
  at::Tensor token_embedding;     ///< [vocab, hidden]
  at::Tensor position_embedding;  ///< [max_positions, hidden]; undefined for rotary positions
  std::vector<Block> blocks;
  Norm final_norm;
  Projection head;  ///< [vocab, hidden]; shares token_embedding's storage where the config ties them
};

struct LoadedWeights {
  TransformerWeights weights;
  std::vector<std::string> surplus;  ///< names of tensors that the architecture does not use (a warning)
};

/// Reads a checkpoint's tensors (any float dtype, with or without the `transformer.` prefix).
/// @throws stac::Error naming the tensor: missing, misshapen, of integer type
[[nodiscard]] LoadedWeights load_weights(const TransformerConfig& config, const io::TensorStore& store);

/// @throws stac::Error naming the first tensor and index that holds a NaN or an infinity
void require_finite(const TransformerWeights& weights);

}  // namespace stac::model
