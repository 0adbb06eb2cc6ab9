// An artifact's tensors as a network again.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "stac/convert/converter.hpp"
#include "stac/convert/manifest.hpp"
#include "stac/io/tensor_store.hpp"

namespace stac::convert {

struct StoredNetwork {
  std::shared_ptr<const model::TransformerWeights> weights;
  snn::Plan plan;
  snn::QuantizedWeights quantized;  ///< empty without int8
  std::vector<std::string> used;    ///< the tensors under the source's names
};

/// @param config  the activation choice applied
/// @throws stac::Error naming the tensor: missing, misshapen, of another type
[[nodiscard]] StoredNetwork load_network(const Manifest& manifest, const model::TransformerConfig& config,
                                         const io::TensorStore& tensors);

/// The conversion that the manifest describes, but for its network and what is measured of it.
/// @param checkpoint  where the tensors and the files beside them are
[[nodiscard]] Conversion conversion_of(const Manifest& manifest, const io::Checkpoint& checkpoint,
                                       const model::TransformerConfig& config, const StoredNetwork& network);

}  // namespace stac::convert
