#include "convert/calibration_streams.hpp"

#include <memory>

namespace stac::convert {
namespace {

constexpr std::size_t kJudgeEvery = 8;

}  // namespace

std::vector<Stream> embedded(const model::TransformerWeights& weights, const CalibrationText& text) {
  const snn::Embedding embedding(weights.token_embedding, weights.position_embedding);
  std::vector<Stream> streams(text.samples.size());
  for (std::size_t i = 0; i < streams.size(); ++i) {
    embedding.append(text.samples[i], 0, streams[i].hidden);
    streams[i].tokens = static_cast<std::int64_t>(text.samples[i].size());
    const bool judges = i + 1 == streams.size() || i % kJudgeEvery == kJudgeEvery - 1;
    if (judges) streams[i].use = RidgeRefit::Use::judge;
  }
  return streams;
}

void attend(const snn::SpikingBlock& block, Stream& stream, snn::Ledger& ledger) {
  const std::unique_ptr<snn::AttentionMemory> memory = block.new_memory();
  const snn::SequenceRows rows{stream.tokens, memory.get()};
  block.attend({&rows, 1}, stream.hidden, ledger);
}

}  // namespace stac::convert
