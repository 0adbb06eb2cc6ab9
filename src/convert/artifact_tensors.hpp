// What an artifact's model.safetensors holds beside the source's tensors: thresholds as
// stac.<layer>.<site>.{profile,full_scale,rest}, int8 weights as stac.<layer>.<site>.{weight,scale,bias}.
#pragma once
#include <vector>

#include "stac/convert/conversion_options.hpp"
#include "stac/io/tensor_store.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/quantized_linear.hpp"

namespace stac::convert {

/// Every population's vectors that are not empty, f32.
[[nodiscard]] std::vector<model::StoredTensor> plan_tensors(const snn::Plan& plan);
[[nodiscard]] std::vector<model::StoredTensor> quantized_tensors(const snn::QuantizedWeights& quantized);

/// plain_plan with the stored vectors.
/// @param options  as in the manifest
/// @throws stac::Error  a stored vector is not of floats; whether it fits the network's shape is the network's to check
[[nodiscard]] snn::Plan load_plan(const ConversionOptions& options, const model::TransformerConfig& network,
                                  const io::TensorStore& tensors);

/// @throws stac::Error naming the tensor: missing, misshapen, of another type
[[nodiscard]] snn::QuantizedWeights load_quantized(const model::TransformerConfig& config,
                                                   const io::TensorStore& tensors);

}  // namespace stac::convert
