#include "stac/snn/spiking_pass.hpp"

#include <ATen/ops/from_blob.h>

#include <numeric>
#include <utility>

#include "stac/snn/folding.hpp"
#include "stac/snn/spiking_block.hpp"
#include "stac/snn/spiking_transformer.hpp"

namespace stac::snn {

SpikingPass::SpikingPass(NetworkParts parts, const model::Texts& texts)
    : LayerwisePass(parts.config.layers),
      parts_(std::move(parts)),
      engine_(make_engine(EngineKind::fused)),
      ledger_(parts_.config.layers) {
  const Embedding embedding(parts_.weights->token_embedding, parts_.weights->position_embedding);
  for (const std::vector<std::int64_t>& ids : texts) {
    require_readable(parts_.config, ids, 0);
    embedding.append(ids, 0, stream_);
    lengths_.push_back(static_cast<std::int64_t>(ids.size()));
  }
  stream_ = stored(parts_.config.storage.membranes, std::move(stream_));
}

at::Tensor SpikingPass::stream() const {
  const std::int64_t width = parts_.config.hidden_size;
  const auto tokens = static_cast<std::int64_t>(stream_.size()) / width;
  return at::from_blob(const_cast<float*>(stream_.data()), {tokens, width}, at::kFloat).clone();
}

void SpikingPass::run(std::int64_t layer) {
  const SpikingBlock block(parts_.config, block_behind(parts_.quantized, parts_.weights->blocks, layer), layer,
                           parts_.plan, *engine_, parts_.quantized);
  block.read(lengths_, stream_, ledger_);
}

at::Tensor SpikingPass::logits(std::size_t text) {
  if (!head_) head_.emplace(parts_.config, *parts_.weights, parts_.plan, *engine_, parts_.quantized);
  const std::int64_t width = parts_.config.hidden_size, length = lengths_.at(text);
  const auto before = lengths_.begin() + static_cast<std::ptrdiff_t>(text);
  const auto first = stream_.begin() + std::accumulate(lengths_.begin(), before, std::int64_t{0}) * width;
  ledger_.add_demand(dense_macs(parts_.config, 0, length, length));
  return head_->logits({first, first + length * width}, ledger_);
}

model::TextReader reader_of(NetworkParts parts) {
  return [parts = std::move(parts)](const model::Texts& texts) { return std::make_unique<SpikingPass>(parts, texts); };
}

}  // namespace stac::snn
