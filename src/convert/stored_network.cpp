#include "convert/stored_network.hpp"

#include <utility>

#include "convert/artifact_tensors.hpp"
#include "stac/convert/quantization.hpp"

namespace stac::convert {

StoredNetwork load_network(const Manifest& manifest, const model::TransformerConfig& config,
                           const io::TensorStore& tensors) {
  StoredNetwork network;
  network.plan = load_plan(manifest.options, config, tensors);
  if (manifest.allocation) network.plan = with_codes(std::move(network.plan), *manifest.allocation);
  const bool integers = manifest.options.quantize == QuantizeChoice::int8;
  model::LoadedWeights loaded =
      integers ? model::load_embeddings(config, tensors) : model::load_weights(config, tensors);
  if (integers) {
    network.quantized = load_quantized(config, tensors);
    loaded.weights = dequantized(network.quantized, network.plan, config, loaded.weights);
  }
  network.weights = std::make_shared<const model::TransformerWeights>(std::move(loaded.weights));
  network.used = std::move(loaded.used);
  return network;
}

Conversion conversion_of(const Manifest& manifest, const io::Checkpoint& checkpoint,
                         const model::TransformerConfig& config, const StoredNetwork& network) {
  Conversion conversion;
  conversion.source = checkpoint;
  conversion.source_sha256 = io::checkpoint_sha256(checkpoint);
  conversion.origin = manifest.source;
  conversion.options = manifest.options;
  conversion.config = config;
  conversion.weights = network.weights;
  conversion.quantized = network.quantized;
  conversion.plan = network.plan;
  conversion.swap = manifest.swap;
  conversion.calibration = manifest.calibration;
  conversion.allocation = manifest.allocation;
  conversion.retargeted = manifest.retargeted;
  conversion.used = network.used;
  conversion.warnings = manifest.warnings;
  conversion.fallbacks = manifest.fallbacks;
  conversion.measured = manifest.measured;
  return conversion;
}

}  // namespace stac::convert
