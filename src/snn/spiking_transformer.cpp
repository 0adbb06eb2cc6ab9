#include "stac/snn/spiking_transformer.hpp"

#include <algorithm>
#include <numeric>
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

void require_readable(const model::TransformerConfig& config, std::span<const std::int64_t> ids, std::int64_t past,
                      PositionOverflow overflow) {
  const auto n = static_cast<std::int64_t>(ids.size());
  if (n == 0) throw Error("a forward needs at least one token", "pass the ids of the new tokens");
  if (overflow == PositionOverflow::refuse && past + n > config.max_positions) {
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

std::uint64_t SequenceState::bytes_after(std::int64_t tokens) const {
  return std::accumulate(layers.begin(), layers.end(), std::uint64_t{0},
                         [&](std::uint64_t sum, const auto& memory) { return sum + memory->bytes_after(tokens); });
}

void require_shiftable(const model::TransformerConfig& config) {
  constexpr const char* kOthers = "let the kept text be read again: the policies turns and window do";
  if (!config.rotary) throw UsageError("keys cannot be shifted: the model's positions are learned", kOthers);
  if (config.rotary->scaling == model::RopeScaling::dynamic) {
    throw UsageError("keys cannot be shifted: the model's rotary angles change with the length of the text", kOthers);
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

void SpikingTransformer::require_readable(const SequenceInput& input) const {
  snn::require_readable(config_, input.ids, input.state->length, input.overflow);
}

namespace {

void drop_beyond(const SequenceState& state) {
  for (const auto& memory : state.layers) memory->drop(state.length, memory->length() - state.length, {});
}

}  // namespace

void SpikingTransformer::truncate(SequenceState& state, std::int64_t length) const {
  if (length >= state.length) return;
  if (length <= 0 || (config_.rotary && model::changes_angles(*config_.rotary, state.length))) return state.reset();
  state.length = length;
  state.ids.resize(static_cast<std::size_t>(length));
  drop_beyond(state);
}

void SpikingTransformer::shift(SequenceState& state, std::int64_t first, std::int64_t count) const {
  require_shiftable(config_);
  const std::int64_t pairs = config_.head_dim / 2;
  const std::int64_t last = config_.max_positions - 1;  // where clamped tokens stand
  const model::Rotation rotation(*config_.rotary, config_.head_dim, std::min(state.length, config_.max_positions));
  std::vector<float> cosines(state.length * pairs), sines(state.length * pairs);
  for (std::int64_t token = first + count; token < state.length; ++token) {
    rotation.between(std::min(token, last), std::min(token - count, last), cosines.data() + token * pairs,
                     sines.data() + token * pairs);
  }
  const KeyTurn turn = [&](std::int64_t token, float* key) {
    model::rotate(key, pairs, cosines.data() + token * pairs, sines.data() + token * pairs);
  };
  for (const auto& memory : state.layers) memory->drop(first, count, turn);
  state.ids.erase(state.ids.begin() + first, state.ids.begin() + first + count);
  state.length -= count;
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

Rows SpikingTransformer::read_layers(const std::vector<Reading>& readings, Rows hidden, Ledger& ledger) const {
  for (std::int64_t layer = 0; layer < config_.layers; ++layer) {
    std::vector<SequenceRows> sequences;
    for (const Reading& reading : readings) sequences.push_back({reading.tokens(), reading.memory(layer)});
    blocks_[layer].attend(sequences, hidden, ledger);
    blocks_[layer].feed_forward(hidden, ledger);
  }
  return hidden;
}

at::Tensor SpikingTransformer::forward(std::span<const SequenceInput> inputs, model::LogitRows rows,
                                       Ledger& ledger) const {
  for (const SequenceInput& input : inputs) require_readable(input);
  std::vector<Reading> readings;
  Rows hidden;
  for (const SequenceInput& input : inputs) {
    readings.push_back(reading_of(input));
    embedding_.append(readings.back().ids, readings.back().past(), hidden);
  }
  at::Tensor result;
  try {
    hidden = read_layers(readings, stored(config_.storage.membranes, std::move(hidden)), ledger);
    result = logits(readings, hidden, rows, ledger);
  } catch (...) {
    for (const SequenceInput& input : inputs) drop_beyond(*input.state);  // what some layers have read already
    throw;
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Reading& reading = readings[i];
    ledger.add_demand(dense_macs(config_, reading.past(), reading.tokens(), reading.logit_rows(rows)));
    reading.finish(inputs[i].ids);
  }
  return result;
}

}  // namespace stac::snn
