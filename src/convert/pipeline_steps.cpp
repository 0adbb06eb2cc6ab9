#include "convert/pipeline_steps.hpp"

#include <memory>

namespace stac::convert {

void add_dense_step(Conversion& conversion, const std::string& name, const model::TransformerConfig& config,
                    const model::TransformerWeights& weights) {
  conversion.pipeline.dense.push_back({name, std::make_shared<const model::DenseModel>(config, weights)});
}

void add_spiking_step(Conversion& conversion, const std::string& name) {
  conversion.network = spiking_model(conversion.config, *conversion.weights, conversion.plan, snn::EngineKind::fused,
                                     conversion.quantized);
  conversion.pipeline.spiking.push_back({name, conversion.network});
}

}  // namespace stac::convert
