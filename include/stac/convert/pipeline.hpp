// The networks that a conversion passed through on its way from the checkpoint to spikes: measured on the same tokens,
// they say what each step cost.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "stac/model/weights.hpp"
#include "stac/snn/spiking_pass.hpp"

namespace stac::convert {

struct DenseStep {
  std::string name;  ///< what was done last: "source", "swap alone", "mean folded", "refitted", "int8"
  model::TransformerConfig config;
  std::shared_ptr<const model::TransformerWeights> weights;
};

struct SpikingStep {
  std::string name;  ///< "spikes, finest codes", "spikes", "logits scaled", ...
  snn::NetworkParts parts;
};

struct Pipeline {
  /// First the source; last what the spiking network computes, but for its spikes.
  std::vector<DenseStep> dense;
  /// Last the converted network.
  std::vector<SpikingStep> spiking;
};

}  // namespace stac::convert
