#include "stac/snn/spiking_transformer.hpp"

#include <string>

#include "stac/error.hpp"
#include "stac/snn/folding.hpp"

namespace stac::snn {

void SequenceState::reset() {
  for (const auto& memory : layers) memory->reset();
  ids.clear();
  length = 0;
}

namespace {

std::vector<SpikingBlock> spiking_blocks(const model::TransformerConfig& config,
                                         const model::TransformerWeights& weights, const Plan& plan,
                                         const Engine& engine, const QuantizedWeights& quantized) {
  std::vector<SpikingBlock> blocks;
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    blocks.emplace_back(config, block_behind(quantized, weights.blocks, layer), layer, plan, engine, quantized);
  }
  return blocks;
}

}  // namespace

void require_readable(const model::TransformerConfig& config, std::span<const std::int64_t> ids, std::int64_t past) {
  const auto n = static_cast<std::int64_t>(ids.size());
  if (n == 0) throw Error("a forward needs at least one token", "pass the ids of the new tokens");
  if (past + n > config.max_positions) {
    throw Error(std::to_string(past) + " cached and " + std::to_string(n) + " new tokens exceed the model's " +
                    std::to_string(config.max_positions) + " positions",
                "reset the conversation or shorten the text");
  }
  for (const std::int64_t id : ids) {
    if (id >= 0 && id < config.vocab_size) continue;
    throw Error("token id " + std::to_string(id) + " is outside the vocabulary of " + std::to_string(config.vocab_size),
                "the tokenizer and the model do not belong together");
  }
}

SpikingTransformer::SpikingTransformer(const model::TransformerConfig& config, const model::TransformerWeights& weights,
                                       Plan plan, std::unique_ptr<Engine> engine, const QuantizedWeights& quantized)
    : config_(config),
      plan_(std::move(plan)),
      engine_(std::move(engine)),
      embedding_(weights.token_embedding, weights.position_embedding),
      blocks_(spiking_blocks(config_, weights, plan_, *engine_, quantized)),
      head_(config_, weights, plan_, *engine_, quantized) {}

SpikingTransformer::SpikingTransformer(const model::TransformerConfig& config, Plan plan,
                                       std::unique_ptr<Engine> engine, Embedding embedding,
                                       std::vector<SpikingBlock> blocks, SpikingHead head)
    : config_(config),
      plan_(std::move(plan)),
      engine_(std::move(engine)),
      embedding_(std::move(embedding)),
      blocks_(std::move(blocks)),
      head_(std::move(head)) {}

SequenceState SpikingTransformer::new_state() const {
  SequenceState state;
  for (const SpikingBlock& block : blocks_) state.layers.push_back(block.new_memory());
  return state;
}

struct SpikingTransformer::Reading {
  std::vector<std::int64_t> ids;  // that run
  std::int64_t fresh = 0;         // of them the last ones are new
  SequenceState* state = nullptr;
  SequenceState again = {};  // takes the place of *state, where the text is read from its start

  [[nodiscard]] bool rereads() const { return !again.layers.empty(); }
  [[nodiscard]] std::int64_t tokens() const { return static_cast<std::int64_t>(ids.size()); }
  [[nodiscard]] std::int64_t past() const { return rereads() ? 0 : state->length; }
  [[nodiscard]] AttentionMemory* memory(std::int64_t layer) const {
    return (rereads() ? again : *state).layers[layer].get();
  }
  [[nodiscard]] std::int64_t logit_rows(model::LogitRows rows) const {
    return rows == model::LogitRows::all ? fresh : 1;
  }

  void finish(std::span<const std::int64_t> new_ids) {
    if (rereads()) state->layers = std::move(again.layers);
    state->ids.insert(state->ids.end(), new_ids.begin(), new_ids.end());
    state->length = static_cast<std::int64_t>(state->ids.size());
  }
};

SpikingTransformer::Reading SpikingTransformer::reading_of(const SequenceInput& input) const {
  const auto fresh = static_cast<std::int64_t>(input.ids.size());
  const SequenceState& state = *input.state;
  const bool void_past =
      state.length > 0 && config_.rotary && model::changes_angles(*config_.rotary, state.length + fresh);
  Reading reading{{}, fresh, input.state};
  if (void_past) {
    reading.ids = state.ids;
    reading.again = new_state();
  }
  reading.ids.insert(reading.ids.end(), input.ids.begin(), input.ids.end());
  return reading;
}

at::Tensor SpikingTransformer::logits(const std::vector<Reading>& readings, const Rows& hidden, model::LogitRows rows,
                                      Ledger& ledger) const {
  Rows read;
  auto end = hidden.begin();
  for (const Reading& reading : readings) {
    end += reading.tokens() * config_.hidden_size;
    read.insert(read.end(), end - reading.logit_rows(rows) * config_.hidden_size, end);
  }
  return head_.logits(read, ledger);
}

at::Tensor SpikingTransformer::forward(std::span<const SequenceInput> inputs, model::LogitRows rows,
                                       Ledger& ledger) const {
  for (const SequenceInput& input : inputs) require_readable(config_, input.ids, input.state->length);
  std::vector<Reading> readings;
  Rows hidden;
  for (const SequenceInput& input : inputs) {
    readings.push_back(reading_of(input));
    embedding_.append(readings.back().ids, readings.back().past(), hidden);
  }
  for (std::int64_t layer = 0; layer < config_.layers; ++layer) {
    std::vector<SequenceRows> sequences;
    for (const Reading& reading : readings) sequences.push_back({reading.tokens(), reading.memory(layer)});
    blocks_[layer].attend(sequences, hidden, ledger);
    blocks_[layer].feed_forward(hidden, ledger);
  }
  at::Tensor result = logits(readings, hidden, rows, ledger);
  // Last: a membrane that is not finite leaves the lengths as they were.
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Reading& reading = readings[i];
    ledger.add_demand(dense_macs(config_, reading.past(), reading.tokens(), reading.logit_rows(rows)));
    reading.finish(inputs[i].ids);
  }
  return result;
}

}  // namespace stac::snn
