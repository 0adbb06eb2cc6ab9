#include "stac/snn/spiking_block.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>

#include "snn/membrane_functions.hpp"
#include "snn/row_blocks.hpp"
#include "snn/row_kernels.hpp"
#include "snn/task_queue.hpp"
#include "stac/error.hpp"
#include "stac/snn/attention_shape.hpp"
#include "stac/snn/folding.hpp"

namespace stac::snn {

namespace {

constexpr std::int64_t kRowsOfTask = 16;

/// Rows of `width` numbers, from `first` on.
struct Columns {
  Rows* rows;
  std::int64_t first;
  std::int64_t width;
};

Rows rows_of(const Rows& rows, std::int64_t width, std::int64_t first, std::int64_t count) {
  return {rows.begin() + first * width, rows.begin() + (first + count) * width};
}

/// Takes rows apart into columns of `parts`, whose rows from `first_row` on they are.
void split(const Rows& rows, std::int64_t width, std::int64_t first_row, std::initializer_list<Columns> parts) {
  const std::int64_t n = static_cast<std::int64_t>(rows.size()) / width;
  for (std::int64_t r = 0; r < n; ++r) {
    for (const Columns& part : parts) {
      std::copy_n(rows.data() + r * width + part.first, part.width, part.rows->data() + (first_row + r) * part.width);
    }
  }
}

/// Whether threads had better take a sequence each than share each sequence: there are enough of them, none of which
/// is most of the work.
bool are_many(std::span<const SequenceRows> sequences) {
  std::int64_t all = 0, most = 0;
  for (const auto& [rows, memory] : sequences) {
    const std::int64_t scores = rows * (memory->length() + rows);
    all += scores;
    most = std::max(most, scores);
  }
  return all >= 2 * pool_threads() * most;
}

/// @param at_once   whether threads may take sequences at once
/// @param function  of a sequence's index and its first row; what it calls in turn may share it among threads
template <typename Function>
void for_each_sequence(std::span<const SequenceRows> sequences, bool at_once, const Function& function) {
  std::vector<std::int64_t> first_rows;
  std::int64_t rows = 0;
  for (const SequenceRows& sequence : sequences) {
    first_rows.push_back(rows);
    rows += sequence.rows;
  }
  if (at_once && are_many(sequences)) {
    for_each_task(static_cast<std::int64_t>(sequences.size()), [&](std::int64_t i) { function(i, first_rows[i]); });
    return;
  }
  for (std::size_t i = 0; i < sequences.size(); ++i) function(i, first_rows[i]);
}

// The grid would make some number of an infinite one.
void require_cacheable(const model::Storage& storage, const float* numbers, std::int64_t n) {
  if (std::isfinite(std::bit_cast<float>(largest_magnitude_bits(numbers, n)))) return;
  throw Error("a key or value is not finite where storage is " + model::storage_name(storage),
              "f16 ends at 65504: take bf16 or f32 for --dtype and --kv-dtype; in f32 the model itself overflows");
}

}  // namespace

SpikingBlock::SpikingBlock(const model::TransformerConfig& config, const model::Block& weights, std::int64_t layer,
                           const Plan& plan, const Engine& engine, const QuantizedWeights& quantized)
    : config_(config), layer_(layer), engine_(&engine) {
  const auto folded = [&](Site site) { return fold(quantized, weights, plan, {layer, site}); };
  SpikingLinear qkv = folded(Site::query_key_value);
  attention_ = attention_shape(config_, layer_, plan, qkv);
  query_key_value_ = engine.projection(std::move(qkv));
  attention_output_ = engine.projection(folded(Site::attention_output));
  up_ = engine.projection(folded(Site::up));
  down_ = engine.projection(folded(Site::down));
}

void SpikingBlock::turn(const SequenceRows& sequence, float* queries, float* keys) const {
  if (!config_.rotary) return;
  const std::int64_t first = sequence.memory->length();
  const std::int64_t dim = config_.head_dim;
  const std::int64_t pairs = dim / 2;
  const model::Rotation rotation(*config_.rotary, dim, std::min(first + sequence.rows, config_.max_positions));
  const auto turn_row = [&](std::int64_t r) {
    std::vector<float> cosines(pairs), sines(pairs);
    rotation.at(std::min(first + r, config_.max_positions - 1), cosines.data(), sines.data());
    const auto turn_heads = [&](float* row, std::int64_t heads) {
      for (std::int64_t head = 0; head < heads; ++head) {
        model::rotate(row + head * dim, pairs, cosines.data(), sines.data());
      }
    };
    turn_heads(queries + r * config_.heads * dim, config_.heads);
    turn_heads(keys + r * config_.kv_heads * dim, config_.kv_heads);
    model::store(config_.storage.membranes, queries + r * config_.heads * dim, config_.heads * dim);
    model::store(config_.storage.membranes, keys + r * config_.kv_heads * dim, config_.kv_heads * dim);
  };
  for_each_task((sequence.rows + kRowsOfTask - 1) / kRowsOfTask, [&](std::int64_t task) {
    const std::int64_t last = std::min(sequence.rows, (task + 1) * kRowsOfTask);
    for (std::int64_t r = task * kRowsOfTask; r < last; ++r) turn_row(r);
  });
}

void SpikingBlock::round_for_cache(float* numbers, std::int64_t rows) const {
  const model::CacheFormat format = config_.storage.cache;
  const bool is_rounded = format == model::cache_format_of(config_.storage.membranes);
  const std::int64_t width = config_.kv_heads * config_.head_dim;
  for_each_task((rows + kRowsOfTask - 1) / kRowsOfTask, [&](std::int64_t task) {
    float* const first = numbers + task * kRowsOfTask * width;
    const std::int64_t count = std::min(kRowsOfTask, rows - task * kRowsOfTask) * width;
    if (!is_rounded) model::store(format, first, count);
    require_cacheable(config_.storage, first, count);
  });
}

Rows SpikingBlock::project(Site site, const SpikingProjection& projection, Rows membranes, std::int64_t inputs,
                           std::int64_t outputs, Ledger& ledger) const {
  const std::int64_t rows = static_cast<std::int64_t>(membranes.size()) / inputs;
  membranes = stored(config_.storage.membranes, std::move(membranes));
  Rows currents(rows * outputs);
  ledger.add(layer_, site, projection.run(membranes.data(), rows, currents.data()));
  return stored(config_.storage.membranes, std::move(currents));
}

void SpikingBlock::attend(std::span<const SequenceRows> sequences, Rows& hidden, Ledger& ledger) const {
  const std::int64_t query_width = config_.heads * config_.head_dim;
  const std::int64_t key_width = config_.kv_heads * config_.head_dim;
  const std::int64_t width = query_width + 2 * key_width;
  const std::int64_t tokens = static_cast<std::int64_t>(hidden.size()) / config_.hidden_size;
  Rows queries(tokens * query_width), keys(tokens * key_width), values(tokens * key_width);
  for_each_row_block(*query_key_value_, tokens, ledger, [&](std::int64_t row, std::int64_t count, Ledger& counts) {
    const Rows block = rows_of(hidden, config_.hidden_size, row, count);
    const Rows qkv = project(Site::query_key_value, *query_key_value_, normalised(config_, block), config_.hidden_size,
                             width, counts);
    split(qkv, width, row,
          {{&queries, 0, query_width}, {&keys, query_width, key_width}, {&values, query_width + key_width, key_width}});
  });
  Rows mixed(queries.size());
  std::vector<AttentionCounts> attended(sequences.size());
  const bool at_once = takes_rows_at_once(*query_key_value_);
  for_each_sequence(sequences, at_once, [&](std::size_t i, std::int64_t first) {
    const auto& [rows, memory] = sequences[i];
    turn(sequences[i], queries.data() + first * query_width, keys.data() + first * key_width);
    round_for_cache(keys.data() + first * key_width, rows);
    round_for_cache(values.data() + first * key_width, rows);
    memory->append(keys.data() + first * key_width, values.data() + first * key_width, rows);
    attended[i] = memory->attend(queries.data() + first * query_width, rows, mixed.data() + first * query_width);
  });
  for (const AttentionCounts& counts : attended) {
    ledger.add(layer_, Site::scores, counts.scores);
    ledger.add(layer_, Site::mix, counts.mix);
  }
  for_each_row_block(*attention_output_, tokens, ledger, [&](std::int64_t row, std::int64_t count, Ledger& counts) {
    Rows block = rows_of(hidden, config_.hidden_size, row, count);
    add(config_.storage.membranes, block,
        project(Site::attention_output, *attention_output_, rows_of(mixed, query_width, row, count), query_width,
                config_.hidden_size, counts));
    std::copy(block.begin(), block.end(), hidden.begin() + row * config_.hidden_size);
  });
}

Rows SpikingBlock::up(const Rows& hidden, Ledger& ledger) const {
  const std::int64_t outputs = (config_.gated_mlp ? 2 : 1) * config_.intermediate_size;
  return project(Site::up, *up_, normalised(config_, hidden), config_.hidden_size, outputs, ledger);
}

void SpikingBlock::feed_forward(Rows& hidden, Ledger& ledger) const {
  const std::int64_t tokens = static_cast<std::int64_t>(hidden.size()) / config_.hidden_size;
  for_each_row_block(*down_, tokens, ledger, [&](std::int64_t row, std::int64_t count, Ledger& counts) {
    Rows block = rows_of(hidden, config_.hidden_size, row, count);
    Rows inner = mlp_rows(config_, up(block, counts));
    add(config_.storage.membranes, block,
        project(Site::down, *down_, std::move(inner), config_.intermediate_size, config_.hidden_size, counts));
    std::copy(block.begin(), block.end(), hidden.begin() + row * config_.hidden_size);
  });
}

void SpikingBlock::read(std::span<const std::int64_t> lengths, Rows& hidden, Ledger& ledger) const {
  std::vector<std::unique_ptr<AttentionMemory>> memories;
  std::vector<SequenceRows> sequences;
  for (const std::int64_t length : lengths) {
    memories.push_back(new_memory());
    sequences.push_back({length, memories.back().get()});
  }
  attend(sequences, hidden, ledger);
  feed_forward(hidden, ledger);
}

}  // namespace stac::snn
