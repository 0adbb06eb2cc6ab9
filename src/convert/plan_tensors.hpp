// The calibrated part of a plan as tensors of an artifact: stac.<layer>.<site>.{profile,full_scale,rest}.
#pragma once
#include <vector>

#include "stac/convert/conversion_options.hpp"
#include "stac/io/tensor_store.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/plan.hpp"

namespace stac::convert {

/// Every population's vectors that are not empty, f32.
[[nodiscard]] std::vector<model::StoredTensor> plan_tensors(const snn::Plan& plan);

/// The plan of an artifact: make_plan's, with the stored vectors where thresholds were calibrated.
/// @param options  as in the manifest
/// @throws stac::Error  a stored vector is not of floats; whether it fits the network's shape is the network's to check
[[nodiscard]] snn::Plan load_plan(const ConversionOptions& options, const model::TransformerConfig& config,
                                  const model::TransformerWeights& weights, const io::TensorStore& tensors);

}  // namespace stac::convert
