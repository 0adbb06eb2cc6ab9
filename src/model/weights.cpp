#include "stac/model/weights.hpp"

#include "model/gpt2_weights.hpp"
#include "model/llama_weights.hpp"
#include "stac/error.hpp"

namespace stac::model {

LoadedWeights load_weights(const TransformerConfig& config, const io::TensorStore& store) {
  switch (config.family) {
    case Family::gpt2:
      return load_gpt2_weights(config, store);
    case Family::llama:
      return load_llama_weights(config, store);
  }
  throw Error("a model family without a weight loader");
}

LoadedWeights load_embeddings(const TransformerConfig& config, const io::TensorStore& store) {
  switch (config.family) {
    case Family::gpt2:
      return load_gpt2_embeddings(config, store);
    case Family::llama:
      return load_llama_embeddings(config, store);
  }
  throw Error("a model family without a weight loader");
}

std::vector<StoredTensor> stored_down_projection(const TransformerConfig& config, const io::TensorStore& store,
                                                 std::int64_t layer, const Projection& projection) {
  switch (config.family) {
    case Family::gpt2:
      return stored_gpt2_down_projection(store, layer, projection);
    case Family::llama:
      break;
  }
  throw Error("a down projection of layer " + std::to_string(layer) +
              " cannot be stored: the family's has no bias that would take its part");
}

}  // namespace stac::model
