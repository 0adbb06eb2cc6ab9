#include "model/head_tensor.hpp"

#include "stac/error.hpp"

namespace stac::model {
namespace {

constexpr const char* kHead = "lm_head.weight";

}  // namespace

void require_head(TensorReader& reader, const TransformerConfig& config, const char* tokens) {
  if (!config.tied_head) return reader.require(kHead, {config.vocab_size, config.hidden_size});
  if (!reader.has(kHead)) return;
  if (!reader.same_content(kHead, tokens)) {
    throw Error(reader.where(kHead) + " differs from the token embedding, but config.json ties them",
                "set \"tie_word_embeddings\": false in config.json to use it, or remove the tensor");
  }
  reader.mark_used(kHead);
}

at::Tensor read_head(const TensorReader& reader, const TransformerConfig& config, const at::Tensor& token_embedding) {
  return config.tied_head ? token_embedding : reader.read(kHead);
}

}  // namespace stac::model
