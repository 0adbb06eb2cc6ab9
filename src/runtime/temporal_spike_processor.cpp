#include "stac/runtime/temporal_spike_processor.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "runtime/batch_input.hpp"
#include "stac/error.hpp"

namespace stac::runtime {

/// What one row of a forward reads, and where it is remembered.
struct TemporalSpikeProcessor::Row {
  ConversationId id;
  snn::SequenceInput input;
  std::int64_t padding = 0;

  [[nodiscard]] std::int64_t tokens() const { return static_cast<std::int64_t>(input.ids.size()); }
  [[nodiscard]] std::int64_t cached() const { return input.state->length; }
};

namespace {

std::int64_t longest(const std::vector<std::int64_t>& lengths) {
  return *std::max_element(lengths.begin(), lengths.end());
}

/// @param padding, cached  [B]
at::Tensor mask_of(const std::vector<std::int64_t>& padding, const std::vector<std::int64_t>& cached,
                   std::int64_t places) {
  const std::int64_t past = longest(cached);
  at::Tensor mask = at::zeros({static_cast<std::int64_t>(cached.size()), past + places}, at::kLong);
  for (std::size_t b = 0; b < cached.size(); ++b) {
    at::Tensor row = mask[static_cast<std::int64_t>(b)];
    row.narrow(0, past - cached[b], cached[b]).fill_(1);
    row.narrow(0, past + padding[b], places - padding[b]).fill_(1);
  }
  return mask;
}

at::Tensor positions_of(const std::vector<std::int64_t>& padding, const std::vector<std::int64_t>& cached,
                        const at::Tensor& ids, std::int64_t max_positions) {
  at::Tensor positions = at::ones_like(ids);
  for (std::size_t b = 0; b < cached.size(); ++b) {
    const std::int64_t tokens = ids.size(1) - padding[b];
    positions[static_cast<std::int64_t>(b)]
        .narrow(0, padding[b], tokens)
        .copy_(at::arange(cached[b], cached[b] + tokens, at::kLong).clamp_max(max_positions - 1));
  }
  return positions;
}

}  // namespace

TemporalSpikeProcessor::TemporalSpikeProcessor(snn::SpikingModel model, ProcessorOptions options)
    : model_(std::move(model)),
      options_(std::move(options)),
      cache_(options_.kv_budget_bytes, options_.on_drop),
      ledger_(model_.config().layers) {}

at::Tensor TemporalSpikeProcessor::forward(const at::Tensor& input_ids, const std::optional<at::Tensor>& attention_mask,
                                           const std::vector<ConversationId>& conversations, UseCache use_cache,
                                           model::LogitRows logit_rows) {
  const at::Tensor ids = checked_ids(input_ids);
  const std::vector<ConversationId> names = checked_conversations(conversations, ids.size(0));

  std::vector<snn::SequenceState> fresh(names.size());  // of rows that begin here
  std::vector<snn::SequenceState*> states;
  std::vector<std::int64_t> cached;
  for (std::size_t b = 0; b < names.size(); ++b) {
    snn::SequenceState* known = use_cache == UseCache::yes ? cache_.find(names[b]) : nullptr;
    if (known == nullptr) fresh[b] = model_.network().new_state();
    states.push_back(known == nullptr ? &fresh[b] : known);
    cached.push_back(states.back()->length);
  }

  const std::vector<std::int64_t> padding = padding_of_rows(ids, attention_mask, cached);
  const std::int64_t places = ids.size(1);
  std::vector<Row> rows;
  for (std::size_t b = 0; b < names.size(); ++b) {
    const std::int64_t* first = ids.data_ptr<std::int64_t>() + static_cast<std::int64_t>(b) * places + padding[b];
    rows.push_back({names[b],
                    {{first, static_cast<std::size_t>(places - padding[b])}, states[b], options_.position_overflow},
                    padding[b]});
  }
  require_readable(rows);
  if (use_cache == UseCache::yes) make_room(rows);

  at::Tensor logits = read(ids, rows, logit_rows);
  attention_mask_ = mask_of(padding, cached, places);
  position_ids_ = positions_of(padding, cached, ids, config().max_positions);
  if (use_cache == UseCache::no) return logits;
  for (std::size_t b = 0; b < names.size(); ++b) {
    if (states[b] != &fresh[b]) {
      cache_.touch(names[b]);
    } else if (fresh[b].length > 0) {
      cache_.add(names[b], std::move(fresh[b]));
    }
  }
  return logits;
}

void TemporalSpikeProcessor::require_readable(const std::vector<Row>& rows) const {
  for (const Row& row : rows) {
    if (row.tokens() > 0) model_.network().require_readable(row.input);
  }
}

void TemporalSpikeProcessor::make_room(const std::vector<Row>& rows) {
  std::vector<ConversationId> used;
  std::uint64_t needed = 0;
  for (const Row& row : rows) {
    used.push_back(row.id);
    needed += row.input.state->bytes_after(row.tokens());
  }
  cache_.make_room(used, needed);
}

at::Tensor TemporalSpikeProcessor::read(const at::Tensor& ids, const std::vector<Row>& rows,
                                        model::LogitRows logit_rows) {
  std::vector<snn::SequenceInput> inputs;
  for (const Row& row : rows) {
    if (row.tokens() > 0) inputs.push_back(row.input);  // else it only waits for the others
  }
  const std::int64_t shown = logit_rows == model::LogitRows::all ? ids.size(1) : 1;
  const std::vector<std::int64_t> shape{ids.size(0), shown, config().vocab_size};
  if (inputs.empty()) return at::zeros(shape, at::kFloat);
  snn::Ledger counted(config().layers);  // of a forward that fails nothing is counted
  const at::Tensor read = model_.network().forward(inputs, logit_rows, counted);
  ledger_ += counted;
  if (read.size(0) == ids.size(0) * shown) return read.view(shape);  // nothing to pad
  at::Tensor logits = at::zeros(shape, at::kFloat);
  std::int64_t next = 0;
  for (std::size_t b = 0; b < rows.size(); ++b) {
    const std::int64_t count = std::min(rows[b].tokens(), shown);
    logits[static_cast<std::int64_t>(b)].narrow(0, shown - count, count).copy_(read.narrow(0, next, count));
    next += count;
  }
  return logits;
}

void TemporalSpikeProcessor::truncate(const ConversationId& id, std::int64_t length) {
  snn::SequenceState* const state = cache_.find(id);
  if (state == nullptr) return;
  model_.network().truncate(*state, length);
  if (state->length == 0) cache_.erase(id);
}

void TemporalSpikeProcessor::shift(const ConversationId& id, std::int64_t first, std::int64_t count) {
  snn::require_shiftable(config());
  snn::SequenceState* const state = cache_.find(id);
  if (first < 0 || count < 0 || first + count > cached_length(id)) {
    throw Error("conversation '" + id + "' has no tokens " + std::to_string(first) + " to " +
                    std::to_string(first + count - 1) + " cached",
                "it has " + std::to_string(cached_length(id)));
  }
  if (count > 0) model_.network().shift(*state, first, count);
}

std::int64_t TemporalSpikeProcessor::cached_length(const ConversationId& id) const {
  const snn::SequenceState* const state = cache_.find(id);
  return state == nullptr ? 0 : state->length;
}

std::optional<std::int64_t> TemporalSpikeProcessor::tokens_within_budget(std::int64_t wanted) const {
  if (!options_.kv_budget_bytes) return std::nullopt;
  const snn::SequenceState empty = model_.network().new_state();
  // Room grows by at least half, so that n tokens read one by one may have room for half as many more.
  const auto fits = [&](std::int64_t tokens) {
    return empty.bytes_after(tokens + tokens / 2) <= *options_.kv_budget_bytes;
  };
  std::int64_t surely = 0, beyond = wanted + 1;
  while (beyond - surely > 1) {
    const std::int64_t middle = std::midpoint(surely, beyond);
    (fits(middle) ? surely : beyond) = middle;
  }
  return surely;
}

snn::Ledger TemporalSpikeProcessor::take_ledger() { return std::exchange(ledger_, snn::Ledger(config().layers)); }

int TemporalSpikeProcessor::timesteps() const { return model_.network().plan().longest_window(); }

void TemporalSpikeProcessor::calibrate_timesteps(int timesteps) {
  if (!options_.retarget) {
    throw Error("this processor cannot be retargeted: it was made without ProcessorOptions::retarget",
                "give it convert::OpenedModel::retargeting()");
  }
  model_ = options_.retarget(timesteps);
  ledger_ = snn::Ledger(model_.config().layers);
  reset_cache();
}

}  // namespace stac::runtime
