#include "stac/convert/speaker.hpp"

#include <utility>

#include "stac/convert/calibration_text.hpp"
#include "stac/convert/converter.hpp"
#include "stac/convert/planning.hpp"
#include "stac/convert/quantization.hpp"

namespace stac::convert {

Speaker::Speaker(model::TransformerConfig source, std::shared_ptr<const model::TransformerWeights> weights)
    : source_(std::move(source)), weights_(std::move(weights)) {}

const snn::SpikingModel& Speaker::network() const {
  if (!network_) {
    const snn::Plan plan = make_plan(resolved({}), source_, *weights_);
    network_ = spiking_model(source_, *weights_, plan, snn::EngineKind::fused, quantize(*weights_, plan));
  }
  return *network_;
}

std::vector<std::vector<std::int64_t>> Speaker::samples(OwnText use, std::int64_t count, std::int64_t length,
                                                        std::uint64_t seed) const {
  return sample_texts(network(), count, length, seed + static_cast<std::uint64_t>(use));
}

}  // namespace stac::convert
