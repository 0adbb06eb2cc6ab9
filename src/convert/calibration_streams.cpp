#include "convert/calibration_streams.hpp"

#include <memory>

namespace stac::convert {
namespace {

constexpr std::size_t kJudgeEvery = 8;

}  // namespace

std::vector<Stream> embedded(const model::TransformerWeights& weights, const CalibrationText& text) {
  const snn::Embedding embedding(weights.token_embedding, weights.position_embedding);
  std::vector<Stream> streams;
  const auto add = [&](const std::vector<std::int64_t>& sample, SampleUse use) {
    Stream& stream = streams.emplace_back(Stream{{}, static_cast<std::int64_t>(sample.size()), use});
    embedding.append(sample, 0, stream.hidden);
  };
  for (std::size_t i = 0; i < text.samples.size(); ++i) {
    const bool judges = i + 1 == text.samples.size() || i % kJudgeEvery == kJudgeEvery - 1;
    add(text.samples[i], judges ? SampleUse::judge : SampleUse::fit);
  }
  for (const auto& witness : text.witnesses) add(witness, SampleUse::witness);
  return streams;
}

void attend(const snn::SpikingBlock& block, Stream& stream, snn::Ledger& ledger) {
  const std::unique_ptr<snn::AttentionMemory> memory = block.new_memory();
  const snn::SequenceRows rows{stream.tokens, memory.get()};
  block.attend({&rows, 1}, stream.hidden, ledger);
}

}  // namespace stac::convert
