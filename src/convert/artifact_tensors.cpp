#include "convert/artifact_tensors.hpp"

#include <ATen/ATen.h>

#include <string>

#include "stac/convert/planning.hpp"
#include "stac/error.hpp"
#include "stac/model/tensors.hpp"

namespace stac::convert {
namespace {

using snn::Site;

struct ThresholdPart {
  const char* name;
  std::vector<float> snn::Population::*values;
};

constexpr ThresholdPart kThresholdParts[] = {{"profile", &snn::Population::profile},
                                             {"full_scale", &snn::Population::full_scale},
                                             {"rest", &snn::Population::rest}};

struct WeightPart {
  const char* name;
  at::Tensor snn::QuantizedLinear::*tensor;
  at::ScalarType type;
};

constexpr WeightPart kWeightParts[] = {{"weight", &snn::QuantizedLinear::weight, at::kChar},
                                       {"scale", &snn::QuantizedLinear::scale, at::kFloat},
                                       {"bias", &snn::QuantizedLinear::bias, at::kFloat}};

std::string tensor_name(snn::SiteId where, const char* part) {
  return "stac." + std::to_string(where.layer) + "." + std::string(snn::site_name(where.site)) + "." + part;
}

std::vector<float> stored(const io::TensorStore& tensors, const std::string& name) {
  const at::Tensor values = model::to_tensor(tensors.tensor(name), name).to(at::kFloat).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

struct Shape {
  std::int64_t outputs = 0;
  std::int64_t inputs = 0;
};

Shape shape_of(const model::TransformerConfig& config, Site site) {
  const std::int64_t queries = config.heads * config.head_dim, keys = config.kv_heads * config.head_dim;
  switch (site) {
    case Site::query_key_value:
      return {queries + 2 * keys, config.hidden_size};
    case Site::attention_output:
      return {config.hidden_size, queries};
    case Site::up:
      return {(config.gated_mlp ? 2 : 1) * config.intermediate_size, config.hidden_size};
    case Site::down:
      return {config.hidden_size, config.intermediate_size};
    case Site::head:
      return {config.vocab_size, config.hidden_size};
    case Site::scores:
    case Site::mix:
      break;  // products of two activations
  }
  return {};
}

at::Tensor required(const io::TensorStore& tensors, const std::string& name, at::ScalarType type,
                    const std::vector<std::int64_t>& shape) {
  if (!tensors.contains(name)) throw Error("tensor '" + name + "' is missing", "convert the model again");
  at::Tensor tensor = model::to_tensor(tensors.tensor(name), name);
  if (tensor.scalar_type() != type || tensor.sizes() != at::IntArrayRef(shape)) {
    throw Error("tensor '" + name + "' is " + model::shape_text(tensor.sizes()) + " of " +
                    std::string(at::toString(tensor.scalar_type())) + ", not " + model::shape_text(shape) + " of " +
                    at::toString(type),
                "the artifact is damaged: convert the model again");
  }
  return tensor;
}

}  // namespace

std::vector<model::StoredTensor> plan_tensors(const snn::Plan& plan) {
  std::vector<model::StoredTensor> tensors;
  snn::for_each_site(plan.layers(), [&](std::int64_t layer, Site site) {
    for (const ThresholdPart& part : kThresholdParts) {
      const std::vector<float>& values = plan.at(layer, site).*part.values;
      if (!values.empty()) tensors.push_back({tensor_name({layer, site}, part.name), at::tensor(values)});
    }
  });
  return tensors;
}

std::vector<model::StoredTensor> quantized_tensors(const snn::QuantizedWeights& quantized) {
  std::vector<model::StoredTensor> tensors;
  for (const auto& [where, linear] : quantized) {
    for (const WeightPart& part : kWeightParts) tensors.push_back({tensor_name(where, part.name), linear.*part.tensor});
  }
  return tensors;
}

snn::Plan load_plan(const ConversionOptions& options, const model::TransformerConfig& network,
                    const io::TensorStore& tensors) {
  snn::Plan plan = plain_plan(options, network);
  snn::for_each_site(network.layers, [&](std::int64_t layer, Site site) {
    for (const ThresholdPart& part : kThresholdParts) {
      const std::string name = tensor_name({layer, site}, part.name);
      if (tensors.contains(name)) plan.at(layer, site).*part.values = stored(tensors, name);
    }
  });
  return plan;
}

snn::QuantizedWeights load_quantized(const model::TransformerConfig& config, const io::TensorStore& tensors) {
  snn::QuantizedWeights quantized;
  snn::for_each_site(config.layers, [&](std::int64_t layer, Site site) {
    const auto [outputs, inputs] = shape_of(config, site);
    if (outputs == 0) return;
    const std::vector<std::int64_t> per_output{outputs};
    for (const WeightPart& part : kWeightParts) {
      const bool matrix = part.type == at::kChar;
      quantized[{layer, site}].*part.tensor = required(tensors, tensor_name({layer, site}, part.name), part.type,
                                                       matrix ? std::vector{outputs, inputs} : per_output);
    }
  });
  return quantized;
}

}  // namespace stac::convert
