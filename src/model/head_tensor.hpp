// The LM head in a checkpoint: a tensor of its own, or the token embedding.
#pragma once
#include "model/tensor_reader.hpp"
#include "stac/model/config.hpp"

namespace stac::model {

/// @param tokens  name of the token embedding
/// @throws stac::Error  missing or misshapen where it is a tensor of its own; another one than the embedding where the
///                      config ties them
void require_head(TensorReader& reader, const TransformerConfig& config, const char* tokens);

/// @param token_embedding  what a tied head is
[[nodiscard]] at::Tensor read_head(const TensorReader& reader, const TransformerConfig& config,
                                   const at::Tensor& token_embedding);

}  // namespace stac::model
