#include "stac/snn/spiking_transformer.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <string>

#include "snn/folding.hpp"
#include "snn/membrane_functions.hpp"
#include "stac/error.hpp"

namespace stac::snn {

namespace {

// Rows are independent: which thread takes one does not show in it.
template <typename Function>
void for_each_row(std::int64_t rows, Function function) {
  at::parallel_for(0, rows, 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) function(r);
  });
}

void add(std::vector<float>& residual, const std::vector<float>& update) {
  std::transform(residual.begin(), residual.end(), update.begin(), residual.begin(),
                 [](float a, float b) { return a + b; });
}

std::vector<float> columns(const std::vector<float>& rows, std::int64_t width, std::int64_t first, std::int64_t count) {
  const std::int64_t n = static_cast<std::int64_t>(rows.size()) / width;
  std::vector<float> result(n * count);
  for (std::int64_t r = 0; r < n; ++r) std::copy_n(rows.data() + r * width + first, count, result.data() + r * count);
  return result;
}

}  // namespace

void SequenceState::reset() {
  for (const auto& memory : layers) memory->reset();
  length = 0;
}

SpikingTransformer::SpikingTransformer(const model::TransformerConfig& config, const model::TransformerWeights& weights,
                                       std::unique_ptr<Engine> engine)
    : config_(config),
      engine_(std::move(engine)),
      token_embedding_(weights.token_embedding.contiguous()),
      position_embedding_(weights.position_embedding.contiguous()) {
  const PhaseCode& code = engine_->code();
  const std::int64_t query_width = config_.heads * config_.head_dim;
  const std::int64_t key_width = config_.kv_heads * config_.head_dim;
  const int value_bits = exact_bits(config_.max_positions, full_scale(code));
  const int key_bits = exact_bits(config_.head_dim, full_scale(code));
  for (std::int64_t layer = 0; layer < config_.layers; ++layer) {
    const model::Block& source = weights.blocks[layer];
    SpikingLinear qkv = fold(stack({source.query, source.key, source.value}), source.attention_norm, code);
    Block block;
    block.attention = {config_.heads,
                       config_.kv_heads,
                       config_.head_dim,
                       config_.attention_scale(layer),
                       head_exponents(qkv, query_width, config_.kv_heads, config_.head_dim, key_bits),
                       head_exponents(qkv, query_width + key_width, config_.kv_heads, config_.head_dim, value_bits),
                       key_bits,
                       value_bits};
    block.query_key_value = engine_->projection(std::move(qkv));
    block.attention_output = engine_->projection(fold(source.attention_output, {}, code));
    block.up = engine_->projection(fold(source.up, source.mlp_norm, code));
    block.down = engine_->projection(fold(source.down, {}, code));
    blocks_.push_back(std::move(block));
  }
  head_ = engine_->projection(fold(weights.head, weights.final_norm, code));
}

SequenceState SpikingTransformer::new_state() const {
  SequenceState state;
  for (const Block& block : blocks_) state.layers.push_back(engine_->memory(block.attention));
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

at::Tensor SpikingTransformer::forward(std::span<const SequenceInput> inputs, model::LogitRows rows,
                                       Ledger& ledger) const {
  for (const SequenceInput& input : inputs) require_readable(input);
  Rows hidden = embed(inputs);
  for (std::int64_t layer = 0; layer < config_.layers; ++layer) {
    attend(layer, inputs, hidden, ledger);
    feed_forward(layer, hidden, ledger);
  }
  std::int64_t first = 0;
  Rows read;
  for (const SequenceInput& input : inputs) {
    const auto n = static_cast<std::int64_t>(input.ids.size());
    const std::int64_t wanted = rows == model::LogitRows::all ? n : 1;
    const auto end = hidden.begin() + (first + n) * config_.hidden_size;
    read.insert(read.end(), end - wanted * config_.hidden_size, end);
    ledger.add_demand(dense_macs(config_, input.state->length, n, wanted));
    input.state->length += n;
    first += n;
  }
  const std::int64_t count = static_cast<std::int64_t>(read.size()) / config_.hidden_size;
  at::Tensor logits = at::empty({count, config_.vocab_size}, at::kFloat);
  ledger.add(config_.layers, Site::head, head_->run(normalise(read).data(), count, logits.data_ptr<float>()));
  return logits;
}

SpikingTransformer::Rows SpikingTransformer::embed(std::span<const SequenceInput> inputs) const {
  const float* const tokens = token_embedding_.data_ptr<float>();
  const float* const positions = position_embedding_.data_ptr<float>();
  Rows hidden;
  for (const SequenceInput& input : inputs) {
    for (std::size_t i = 0; i < input.ids.size(); ++i) {
      const float* const token = tokens + input.ids[i] * config_.hidden_size;
      const float* const position =
          positions + (input.state->length + static_cast<std::int64_t>(i)) * config_.hidden_size;
      std::transform(token, token + config_.hidden_size, position, std::back_inserter(hidden),
                     [](float a, float b) { return a + b; });
    }
  }
  return hidden;
}

SpikingTransformer::Rows SpikingTransformer::normalise(const Rows& hidden) const {
  Rows normalised(hidden.size());
  for_each_row(static_cast<std::int64_t>(hidden.size()) / config_.hidden_size, [&](std::int64_t r) {
    const std::int64_t offset = r * config_.hidden_size;
    layer_norm(hidden.data() + offset, config_.hidden_size, config_.norm_eps, normalised.data() + offset);
  });
  return normalised;
}

SpikingTransformer::Rows SpikingTransformer::project(std::int64_t layer, Site site, const SpikingProjection& projection,
                                                     const Rows& membranes, std::int64_t inputs, std::int64_t outputs,
                                                     Ledger& ledger) const {
  const std::int64_t rows = static_cast<std::int64_t>(membranes.size()) / inputs;
  Rows currents(rows * outputs);
  ledger.add(layer, site, projection.run(membranes.data(), rows, currents.data()));
  return currents;
}

void SpikingTransformer::attend(std::int64_t layer, std::span<const SequenceInput> inputs, Rows& hidden,
                                Ledger& ledger) const {
  const Block& block = blocks_[layer];
  const std::int64_t query_width = config_.heads * config_.head_dim;
  const std::int64_t key_width = config_.kv_heads * config_.head_dim;
  const std::int64_t width = query_width + 2 * key_width;
  const Rows qkv = project(layer, Site::query_key_value, *block.query_key_value, normalise(hidden), config_.hidden_size,
                           width, ledger);
  const Rows queries = columns(qkv, width, 0, query_width);
  const Rows keys = columns(qkv, width, query_width, key_width);
  const Rows values = columns(qkv, width, query_width + key_width, key_width);
  Rows mixed(queries.size());
  std::int64_t first = 0;
  for (const SequenceInput& input : inputs) {
    const auto n = static_cast<std::int64_t>(input.ids.size());
    AttentionMemory& memory = *input.state->layers[layer];
    memory.append(keys.data() + first * key_width, values.data() + first * key_width, n);
    const AttentionCounts counts =
        memory.attend(queries.data() + first * query_width, n, mixed.data() + first * query_width);
    ledger.add(layer, Site::scores, counts.scores);
    ledger.add(layer, Site::mix, counts.mix);
    first += n;
  }
  add(hidden,
      project(layer, Site::attention_output, *block.attention_output, mixed, query_width, config_.hidden_size, ledger));
}

void SpikingTransformer::feed_forward(std::int64_t layer, Rows& hidden, Ledger& ledger) const {
  const Block& block = blocks_[layer];
  Rows inner =
      project(layer, Site::up, *block.up, normalise(hidden), config_.hidden_size, config_.intermediate_size, ledger);
  for_each_row(static_cast<std::int64_t>(inner.size()) / config_.intermediate_size, [&](std::int64_t r) {
    activate(config_.activation, inner.data() + r * config_.intermediate_size, config_.intermediate_size);
  });
  add(hidden, project(layer, Site::down, *block.down, inner, config_.intermediate_size, config_.hidden_size, ledger));
}

}  // namespace stac::snn
