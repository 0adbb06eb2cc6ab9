// The tensor names of Llama, Qwen2 and Mistral. Their projections are stored as [out, in].
#pragma once
#include "stac/model/weights.hpp"

namespace stac::model {

/// All names and shapes are checked against the store before the first tensor is converted.
[[nodiscard]] LoadedWeights load_llama_embeddings(const TransformerConfig& config, const io::TensorStore& store);
[[nodiscard]] LoadedWeights load_llama_weights(const TransformerConfig& config, const io::TensorStore& store);

}  // namespace stac::model
