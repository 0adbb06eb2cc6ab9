#include "stac/model/weights.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "model/gpt2_weights.hpp"
#include "stac/error.hpp"

namespace stac::model {
namespace {

std::string index_text(const at::Tensor& tensor, std::int64_t flat) {
  std::string text;
  for (std::int64_t axis = tensor.dim() - 1; axis >= 0; --axis) {
    text = std::to_string(flat % tensor.size(axis)) + (text.empty() ? "" : ", ") + text;
    flat /= tensor.size(axis);
  }
  return "[" + text + "]";
}

void require_finite(const at::Tensor& tensor, const std::string& name) {
  if (!tensor.defined()) return;
  const at::Tensor finite = at::isfinite(tensor).flatten();
  if (finite.all().item<bool>()) return;
  const auto flat = finite.logical_not().nonzero()[0][0].item<std::int64_t>();
  const auto value = tensor.flatten()[flat].item<float>();
  throw Error("the weights hold " + std::string(std::isnan(value) ? "a NaN" : "an infinity") + ": " + name + " at " +
                  index_text(tensor, flat),
              "the checkpoint is damaged, or its training diverged: take another one");
}

void require_finite(const Projection& projection, const std::string& name) {
  require_finite(projection.weight, name + ".weight (as [out, in])");
  require_finite(projection.bias, name + ".bias");
}

void require_finite(const Norm& norm, const std::string& name) {
  require_finite(norm.weight, name + ".weight");
  require_finite(norm.bias, name + ".bias");
}

void require_finite(const Block& block, const std::string& name) {
  require_finite(block.attention_norm, name + ".attention_norm");
  require_finite(block.query, name + ".query");
  require_finite(block.key, name + ".key");
  require_finite(block.value, name + ".value");
  require_finite(block.attention_output, name + ".attention_output");
  require_finite(block.mlp_norm, name + ".mlp_norm");
  require_finite(block.up, name + ".up");
  require_finite(block.down, name + ".down");
}

}  // namespace

LoadedWeights load_weights(const TransformerConfig& config, const io::TensorStore& store) {
  switch (config.family) {
    case Family::gpt2:
      return load_gpt2_weights(config, store);
  }
  throw Error("a model family without a weight loader");
}

void require_finite(const TransformerWeights& weights) {
  require_finite(weights.token_embedding, "token_embedding");
  require_finite(weights.position_embedding, "position_embedding");
  for (std::size_t layer = 0; layer < weights.blocks.size(); ++layer) {
    require_finite(weights.blocks[layer], "layer " + std::to_string(layer));
  }
  require_finite(weights.final_norm, "final_norm");
  require_finite(weights.head, "head");
}

}  // namespace stac::model
