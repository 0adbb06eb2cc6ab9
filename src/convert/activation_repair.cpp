#include "stac/convert/activation_repair.hpp"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <memory>

#include "stac/convert/ridge_refit.hpp"
#include "stac/error.hpp"
#include "stac/model/activation.hpp"
#include "stac/snn/residual_stream.hpp"
#include "stac/snn/spiking_block.hpp"
#include "stac/snn/spoken_values.hpp"

namespace stac::convert {
namespace {

constexpr std::size_t kJudgeEvery = 8;

/// A sample on its way through the layers.
struct Stream {
  snn::Rows hidden;
  std::int64_t tokens = 0;
  RidgeRefit::Use use = RidgeRefit::Use::fit;
};

std::vector<Stream> embedded(const model::TransformerWeights& weights, const CalibrationText& text) {
  const snn::Embedding embedding(weights.token_embedding, weights.position_embedding);
  std::vector<Stream> streams(text.samples.size());
  for (std::size_t i = 0; i < streams.size(); ++i) {
    embedding.append(text.samples[i], 0, streams[i].hidden);
    streams[i].tokens = static_cast<std::int64_t>(text.samples[i].size());
  }
  for (std::size_t i = streams.size(); i-- > 0;) {
    const bool judges = i + 1 == streams.size() || i % kJudgeEvery == kJudgeEvery - 1;
    if (judges) streams[i].use = RidgeRefit::Use::judge;
  }
  return streams;
}

at::Tensor as_tensor(snn::Rows& rows, std::int64_t width) {
  return at::from_blob(rows.data(), {static_cast<std::int64_t>(rows.size()) / width, width}, at::kFloat);
}

class SwapRepair {
 public:
  SwapRepair(const model::TransformerConfig& source, const model::TransformerConfig& swapped, const snn::Engine& engine)
      : source_(source), swapped_(swapped), engine_(engine), spoken_(engine.code()), ledger_(source.layers) {}

  /// Reads the streams through one layer's attention, refits its MLP, and reads them through that.
  Refit repair(std::int64_t layer, model::Block& block, std::vector<Stream>& streams) {
    const snn::SpikingBlock before(swapped_, block, layer, engine_);
    RidgeRefit refit(block.down);
    for (Stream& stream : streams) {
      attend(before, stream);
      watch(before, stream, refit);
    }
    Refit solved = refit.solve();
    block.down = solved.best().projection;
    const snn::SpikingBlock after(swapped_, block, layer, engine_);
    for (Stream& stream : streams) after.feed_forward(stream.hidden, ledger_);
    return solved;
  }

 private:
  void attend(const snn::SpikingBlock& block, Stream& stream) {
    const std::unique_ptr<snn::AttentionMemory> memory = block.new_memory();
    const snn::SequenceRows rows{stream.tokens, memory.get()};
    block.attend({&rows, 1}, stream.hidden, ledger_);
  }

  void watch(const snn::SpikingBlock& block, const Stream& stream, RidgeRefit& refit) {
    const std::int64_t width = source_.intermediate_size;
    snn::Rows membranes = block.up(stream.hidden, ledger_);
    const at::Tensor original = model::apply_activation(source_.activation, as_tensor(membranes, width));
    snn::Rows spoken(membranes.size());
    std::transform(membranes.begin(), membranes.end(), spoken.begin(), [](float v) { return std::max(v, 0.0F); });
    snn::for_each_row(stream.tokens, [&](std::int64_t r) { spoken_.apply(spoken.data() + r * width, width); });
    refit.add(as_tensor(spoken, width), original, stream.use);
  }

  const model::TransformerConfig& source_;
  const model::TransformerConfig& swapped_;
  const snn::Engine& engine_;
  snn::SpokenValues spoken_;
  snn::Ledger ledger_;
};

LayerRepair described(const Refit& refit) {
  const bool solved = refit.refit.projection.weight.defined();
  return {refit.raw.error, refit.fold.error, solved ? refit.refit.error : refit.fold.error, refit.best().strength,
          refit.best().name};
}

}  // namespace

RepairedSwap repair_swap(const model::TransformerConfig& source, const model::TransformerConfig& swapped,
                         const model::TransformerWeights& weights, const CalibrationText& text,
                         const snn::Engine& engine, const std::function<void(std::int64_t layer)>& progress) {
  if (text.samples.size() < 2) {
    throw Error("the repair of the activation swap needs at least two samples of text",
                "take more with --calibration-samples");
  }
  RepairedSwap result{weights, {}, {}};
  std::vector<Stream> streams = embedded(weights, text);
  SwapRepair repair(source, swapped, engine);
  for (std::int64_t layer = 0; layer < source.layers; ++layer) {
    if (progress) progress(layer);
    const Refit refit = repair.repair(layer, result.weights.blocks[layer], streams);
    result.layers.push_back(described(refit));
    if (refit.singular) {
      result.fallbacks.push_back("layer " + std::to_string(layer) +
                                 ": a weak ridge left the refit's system singular and was passed over");
    }
    if (result.layers.back().chosen != "refit") {
      result.fallbacks.push_back("layer " + std::to_string(layer) +
                                 ": the refit did no good on unseen text; kept: " + result.layers.back().chosen);
    }
  }
  return result;
}

}  // namespace stac::convert
