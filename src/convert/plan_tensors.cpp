#include "convert/plan_tensors.hpp"

#include <ATen/ATen.h>

#include <string>

#include "stac/convert/planning.hpp"
#include "stac/model/tensors.hpp"

namespace stac::convert {
namespace {

struct Part {
  const char* name;
  std::vector<float> snn::Population::*values;
};

constexpr Part kParts[] = {{"profile", &snn::Population::profile},
                           {"full_scale", &snn::Population::full_scale},
                           {"rest", &snn::Population::rest}};

std::string tensor_name(std::int64_t layer, snn::Site site, const Part& part) {
  return "stac." + std::to_string(layer) + "." + std::string(snn::site_name(site)) + "." + part.name;
}

std::vector<float> stored(const io::TensorStore& tensors, const std::string& name) {
  const at::Tensor values = model::to_tensor(tensors.tensor(name), name).to(at::kFloat).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

}  // namespace

std::vector<model::StoredTensor> plan_tensors(const snn::Plan& plan) {
  std::vector<model::StoredTensor> tensors;
  snn::for_each_site(plan.layers(), [&](std::int64_t layer, snn::Site site) {
    for (const Part& part : kParts) {
      const std::vector<float>& values = plan.at(layer, site).*part.values;
      if (!values.empty()) tensors.push_back({tensor_name(layer, site, part), at::tensor(values)});
    }
  });
  return tensors;
}

snn::Plan load_plan(const ConversionOptions& options, const model::TransformerConfig& config,
                    const model::TransformerWeights& weights, const io::TensorStore& tensors) {
  snn::Plan plan = make_plan(options, config, weights);
  if (!needs_calibration(options)) return plan;
  snn::for_each_site(config.layers, [&](std::int64_t layer, snn::Site site) {
    for (const Part& part : kParts) {
      const std::string name = tensor_name(layer, site, part);
      plan.at(layer, site).*part.values = tensors.contains(name) ? stored(tensors, name) : std::vector<float>{};
    }
  });
  return plan;
}

}  // namespace stac::convert
