// A checkpoint's tensors as they are stored: which of them an artifact keeps, and which of them is broken.
#pragma once
#include <string>
#include <vector>

#include "stac/io/tensor_store.hpp"
#include "stac/model/weights.hpp"

namespace stac::convert {

/// The store's tensors that the model uses: all but the surplus ones and GPT-2's causal-mask buffers. Sorted.
[[nodiscard]] std::vector<std::string> kept_tensors(const io::TensorStore& store,
                                                    const std::vector<std::string>& surplus);

/// @throws stac::Error naming file and stored tensor, and the first index that holds a NaN or an infinity
void require_finite_weights(const model::TransformerWeights& weights, const io::TensorStore& store);

}  // namespace stac::convert
