#include "stac/snn/spiking_transformer.hpp"

#include <ATen/ops/empty.h>

#include <string>

#include "stac/error.hpp"
#include "stac/snn/folding.hpp"

namespace stac::snn {

void SequenceState::reset() {
  for (const auto& memory : layers) memory->reset();
  length = 0;
}

SpikingTransformer::SpikingTransformer(const model::TransformerConfig& config, const model::TransformerWeights& weights,
                                       Plan plan, std::unique_ptr<Engine> engine, const QuantizedWeights& quantized)
    : config_(config),
      plan_(std::move(plan)),
      engine_(std::move(engine)),
      embedding_(weights.token_embedding, weights.position_embedding),
      head_(
          engine_->projection(fold(quantized, weights.head, weights.final_norm, plan_, {config.layers, Site::head}))) {
  for (std::int64_t layer = 0; layer < config_.layers; ++layer) {
    blocks_.emplace_back(config_, weights.blocks[layer], layer, plan_, *engine_, quantized);
  }
}

SequenceState SpikingTransformer::new_state() const {
  SequenceState state;
  for (const SpikingBlock& block : blocks_) state.layers.push_back(block.new_memory());
  return state;
}

void SpikingTransformer::require_readable(const SequenceInput& input) const {
  const auto n = static_cast<std::int64_t>(input.ids.size());
  if (n == 0) throw Error("a forward needs at least one token", "pass the ids of the new tokens");
  if (input.state->length + n > config_.max_positions) {
    throw Error(std::to_string(input.state->length) + " cached and " + std::to_string(n) +
                    " new tokens exceed the model's " + std::to_string(config_.max_positions) + " positions",
                "reset the conversation or shorten the text");
  }
  for (const std::int64_t id : input.ids) {
    if (id >= 0 && id < config_.vocab_size) continue;
    throw Error(
        "token id " + std::to_string(id) + " is outside the vocabulary of " + std::to_string(config_.vocab_size),
        "the tokenizer and the model do not belong together");
  }
}

at::Tensor SpikingTransformer::forward(std::span<const SequenceInput> inputs, model::LogitRows rows, Ledger& ledger,
                                       const model::ResidualObserver& observer) const {
  for (const SequenceInput& input : inputs) require_readable(input);
  Rows hidden;
  for (const SequenceInput& input : inputs) embedding_.append(input.ids, input.state->length, hidden);
  std::vector<SequenceRows> sequences(inputs.size());
  for (std::int64_t layer = 0; layer < config_.layers; ++layer) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      sequences[i] = {static_cast<std::int64_t>(inputs[i].ids.size()), inputs[i].state->layers[layer].get()};
    }
    blocks_[layer].attend(sequences, hidden, ledger);
    blocks_[layer].feed_forward(hidden, ledger);
    if (observer) observer(layer, hidden);
  }
  const auto wanted = [rows](const SequenceInput& input) {
    return rows == model::LogitRows::all ? static_cast<std::int64_t>(input.ids.size()) : std::int64_t{1};
  };
  Rows read;
  auto end = hidden.begin();
  for (const SequenceInput& input : inputs) {
    end += static_cast<std::int64_t>(input.ids.size()) * config_.hidden_size;
    read.insert(read.end(), end - wanted(input) * config_.hidden_size, end);
  }
  const std::int64_t count = static_cast<std::int64_t>(read.size()) / config_.hidden_size;
  at::Tensor logits = at::empty({count, config_.vocab_size}, at::kFloat);
  ledger.add(config_.layers, Site::head, head_->run(normalised(config_, read).data(), count, logits.data_ptr<float>()));
  if (config_.logit_scale != 1.0) logits.mul_(config_.logit_scale);
  for (const SequenceInput& input : inputs) {  // last: a membrane that is not finite leaves the lengths as they were
    const auto n = static_cast<std::int64_t>(input.ids.size());
    ledger.add_demand(dense_macs(config_, input.state->length, n, wanted(input)));
    input.state->length += n;
  }
  return logits;
}

}  // namespace stac::snn
