#include "convert/pipeline_steps.hpp"

#include <utility>

namespace stac::convert {

void add_dense_step(Conversion& conversion, const std::string& name, const model::TransformerConfig& config,
                    std::shared_ptr<const model::TransformerWeights> weights) {
  conversion.pipeline.dense.push_back({name, config, std::move(weights)});
}

void add_spiking_step(Conversion& conversion, const std::string& name) {
  conversion.pipeline.spiking.push_back({name, parts_of(conversion)});
}

}  // namespace stac::convert
