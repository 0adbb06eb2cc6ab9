// The networks that a conversion passed through on its way from the checkpoint to spikes: measured on the same tokens,
// they say what each step cost.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "stac/model/dense_model.hpp"
#include "stac/snn/spiking_model.hpp"

namespace stac::convert {

template <typename Network>
struct PipelineStep {
  std::string name;  ///< what was done last: "source", "swap alone", "mean folded", "refitted", "int8", "spikes", ...
  std::shared_ptr<const Network> network;
};

struct Pipeline {
  /// First the source; last what the spiking network computes, but for its spikes.
  std::vector<PipelineStep<model::DenseModel>> dense;
  /// Last the converted network.
  std::vector<PipelineStep<snn::SpikingModel>> spiking;
};

}  // namespace stac::convert
