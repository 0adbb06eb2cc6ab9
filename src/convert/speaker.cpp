#include "stac/convert/speaker.hpp"

#include <utility>

#include "stac/convert/converter.hpp"
#include "stac/convert/planning.hpp"
#include "stac/convert/quantization.hpp"
#include "stac/snn/spiking_transformer.hpp"

namespace stac::convert {
namespace {

/// Each layer's int8 weights go as soon as the engine has packed them.
snn::SpikingModel spoken_network(const model::TransformerConfig& config, const model::TransformerWeights& weights) {
  snn::Plan plan = make_plan(resolved({}), config, weights);
  auto engine = snn::make_engine(snn::EngineKind::fused);
  std::vector<snn::SpikingBlock> blocks;
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    blocks.emplace_back(config, model::Block{}, layer, plan, *engine,
                        quantize_block(weights.blocks[layer], layer, plan));
  }
  snn::SpikingHead head(config, weights, plan, *engine,
                        {{{config.layers, snn::Site::head}, quantize(folded_head(weights, plan))}});
  return snn::SpikingModel(std::make_shared<snn::SpikingTransformer>(
      config, std::move(plan), std::move(engine), snn::Embedding(weights.token_embedding, weights.position_embedding),
      std::move(blocks), std::move(head)));
}

}  // namespace

Speaker::Speaker(model::TransformerConfig source, std::shared_ptr<const model::TransformerWeights> weights)
    : source_(std::move(source)), weights_(std::move(weights)) {}

const snn::SpikingModel& Speaker::network() const {
  if (!network_) network_ = std::make_shared<const snn::SpikingModel>(spoken_network(source_, *weights_));
  return *network_;
}

std::vector<std::vector<std::int64_t>> Speaker::samples(OwnText use, std::int64_t count, std::int64_t length,
                                                        std::uint64_t seed, const SamplingProgress& progress) const {
  return sample_texts(network(), count, length, seed + static_cast<std::uint64_t>(use), progress);
}

}  // namespace stac::convert
