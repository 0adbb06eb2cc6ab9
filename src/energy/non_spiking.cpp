#include "stac/energy/non_spiking.hpp"

namespace stac::energy {
namespace {

using model::Activation;
using model::TransformerConfig;

std::uint64_t whole(std::int64_t number) { return static_cast<std::uint64_t>(number); }

OperationCounts times(OperationCounts counts, std::uint64_t factor) {
  for (auto& [operation, count] : counts) count *= factor;
  return counts;
}

OperationCounts norm_of(const TransformerConfig& config) {
  const std::uint64_t n = whole(config.hidden_size);
  const std::uint64_t centring = config.norm == model::NormKind::layer ? 2 * n : 0;
  return {{"f32_add", centring + n}, {"f32_multiply", 2 * n}, {"f32_sqrt", 1}, {"f32_divide", 1}};
}

OperationCounts activation_of_one(Activation activation) {
  switch (activation) {
    case Activation::relu:
      return {{"int32_compare", 1}};
    case Activation::silu:  // x / (1 + exp(-x))
      return {{"f32_exp", 1}, {"f32_add", 1}, {"f32_divide", 1}};
    case Activation::gelu_erf:  // x/2 (1 + erf(x / sqrt 2))
      return {{"f32_erf", 1}, {"f32_add", 1}, {"f32_multiply", 3}};
    case Activation::gelu_tanh:
    case Activation::gelu_fast:  // x/2 (1 + tanh(c (x + a x^3)))
      return {{"f32_tanh", 1}, {"f32_add", 2}, {"f32_multiply", 6}};
  }
  return {};
}

OperationCounts softmax(const TransformerConfig& config, const TextsRead& texts) {
  std::uint64_t weights = 0;
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    weights += whole(config.heads) * keys_seen(config, layer, texts);
  }
  const std::uint64_t rows = whole(config.layers * config.heads) * texts.tokens();
  return {{"int32_compare", weights}, {"f32_add", 2 * weights}, {"f32_exp", weights}, {"f32_divide", rows}};
}

}  // namespace

std::map<std::string, OperationCounts> non_spiking(const TransformerConfig& config, const TextsRead& texts) {
  const std::uint64_t tokens = texts.tokens();
  const std::uint64_t per_layer = tokens * whole(config.layers);
  const std::uint64_t hidden = whole(config.hidden_size), inner = whole(config.intermediate_size);
  std::map<std::string, OperationCounts> parts;
  parts["norms"] = times(norm_of(config), 2 * per_layer + tokens);
  parts["softmax"] = softmax(config, texts);
  parts["activation"] = times(activation_of_one(config.activation), per_layer * inner);
  parts["residual"] = {{"f32_add", 2 * per_layer * hidden}};
  if (config.gated_mlp) parts["gate"] = {{"f32_multiply", per_layer * inner}};
  if (config.rotary) {
    const std::uint64_t pairs = per_layer * whole((config.heads + config.kv_heads) * (config.head_dim / 2));
    parts["rotary"] = {{"f32_multiply", 4 * pairs}, {"f32_add", 2 * pairs}};
  } else {
    parts["positions"] = {{"f32_add", tokens * hidden}};
  }
  if (config.logit_scale != 1.0) parts["logit scale"] = {{"f32_multiply", tokens * whole(config.vocab_size)}};
  return parts;
}

}  // namespace stac::energy
