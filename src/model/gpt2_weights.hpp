// The GPT-2 family's tensor names and layouts.
#pragma once
#include "stac/model/weights.hpp"

namespace stac::model {

/// All names and shapes are checked against the store before the first tensor is converted.
[[nodiscard]] LoadedWeights load_gpt2_embeddings(const TransformerConfig& config, const io::TensorStore& store);
[[nodiscard]] LoadedWeights load_gpt2_weights(const TransformerConfig& config, const io::TensorStore& store);

[[nodiscard]] std::vector<StoredTensor> stored_gpt2_down_projection(const io::TensorStore& store, std::int64_t layer,
                                                                    const Projection& projection);

}  // namespace stac::model
