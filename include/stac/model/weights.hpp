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

/// Gain and bias behind a normalisation of the config's kind.
struct Norm {
  at::Tensor weight;  ///< [hidden]
  at::Tensor bias;    ///< [hidden]; undefined for RMSNorm
};

struct Block {
  Norm attention_norm;
  Projection query, key, value, attention_output;
  Norm mlp_norm;
  Projection gate;  ///< undefined where the MLP has none
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
  std::vector<std::string> used;     ///< names of the tensors that they were read from, sorted
  std::vector<std::string> surplus;  ///< names of tensors that the architecture does not use (a warning), sorted
};

/// Reads a checkpoint's tensors (any float dtype, with or without the family's prefix: `transformer.`, `model.`).
/// @throws stac::Error naming the tensor: missing, misshapen, of integer type, holding a NaN or an infinity
[[nodiscard]] LoadedWeights load_weights(const TransformerConfig& config, const io::TensorStore& store);

/// Token and position embeddings only; the other weights are undefined, and nothing is surplus.
/// @throws stac::Error  as load_weights
[[nodiscard]] LoadedWeights load_embeddings(const TransformerConfig& config, const io::TensorStore& store);

/// A tensor as a checkpoint of this family stores it.
struct StoredTensor {
  std::string name;  ///< under which `store` has it
  at::Tensor value;  ///< f32, in the stored layout
};

/// Another down projection for one layer, as the checkpoint stores it.
/// @throws stac::Error  the projection has no place in the store (a bias that the family has not)
[[nodiscard]] std::vector<StoredTensor> stored_down_projection(const TransformerConfig& config,
                                                               const io::TensorStore& store, std::int64_t layer,
                                                               const Projection& projection);

}  // namespace stac::model
