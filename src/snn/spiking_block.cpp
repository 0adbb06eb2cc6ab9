#include "stac/snn/spiking_block.hpp"

#include <algorithm>

#include "snn/folding.hpp"
#include "snn/membrane_functions.hpp"

namespace stac::snn {

namespace {

Rows columns(const Rows& rows, std::int64_t width, std::int64_t first, std::int64_t count) {
  const std::int64_t n = static_cast<std::int64_t>(rows.size()) / width;
  Rows result(n * count);
  for (std::int64_t r = 0; r < n; ++r) std::copy_n(rows.data() + r * width + first, count, result.data() + r * count);
  return result;
}

}  // namespace

SpikingBlock::SpikingBlock(const model::TransformerConfig& config, const model::Block& weights, std::int64_t layer,
                           const Engine& engine)
    : config_(config), layer_(layer), engine_(&engine) {
  const PhaseCode& code = engine.code();
  const std::int64_t query_width = config_.heads * config_.head_dim;
  const std::int64_t key_width = config_.kv_heads * config_.head_dim;
  const int value_bits = exact_bits(config_.max_positions, full_scale(code));
  const int key_bits = exact_bits(config_.head_dim, full_scale(code));
  SpikingLinear qkv = fold(stack({weights.query, weights.key, weights.value}), weights.attention_norm, code);
  attention_ = {config_.heads,
                config_.kv_heads,
                config_.head_dim,
                config_.attention_scale(layer),
                head_exponents(qkv, query_width, config_.kv_heads, config_.head_dim, key_bits),
                head_exponents(qkv, query_width + key_width, config_.kv_heads, config_.head_dim, value_bits),
                key_bits,
                value_bits};
  query_key_value_ = engine.projection(std::move(qkv));
  attention_output_ = engine.projection(fold(weights.attention_output, {}, code));
  up_ = engine.projection(fold(weights.up, weights.mlp_norm, code));
  down_ = engine.projection(fold(weights.down, {}, code));
}

Rows SpikingBlock::project(Site site, const SpikingProjection& projection, const Rows& membranes, std::int64_t inputs,
                           std::int64_t outputs, Ledger& ledger) const {
  const std::int64_t rows = static_cast<std::int64_t>(membranes.size()) / inputs;
  Rows currents(rows * outputs);
  ledger.add(layer_, site, projection.run(membranes.data(), rows, currents.data()));
  return currents;
}

void SpikingBlock::attend(std::span<const SequenceRows> sequences, Rows& hidden, Ledger& ledger) const {
  const std::int64_t query_width = config_.heads * config_.head_dim;
  const std::int64_t key_width = config_.kv_heads * config_.head_dim;
  const std::int64_t width = query_width + 2 * key_width;
  const Rows qkv = project(Site::query_key_value, *query_key_value_, normalised(config_, hidden), config_.hidden_size,
                           width, ledger);
  const Rows queries = columns(qkv, width, 0, query_width);
  const Rows keys = columns(qkv, width, query_width, key_width);
  const Rows values = columns(qkv, width, query_width + key_width, key_width);
  Rows mixed(queries.size());
  std::int64_t first = 0;
  for (const auto& [rows, memory] : sequences) {
    memory->append(keys.data() + first * key_width, values.data() + first * key_width, rows);
    const AttentionCounts counts =
        memory->attend(queries.data() + first * query_width, rows, mixed.data() + first * query_width);
    ledger.add(layer_, Site::scores, counts.scores);
    ledger.add(layer_, Site::mix, counts.mix);
    first += rows;
  }
  add(hidden, project(Site::attention_output, *attention_output_, mixed, query_width, config_.hidden_size, ledger));
}

Rows SpikingBlock::up(const Rows& hidden, Ledger& ledger) const {
  return project(Site::up, *up_, normalised(config_, hidden), config_.hidden_size, config_.intermediate_size, ledger);
}

void SpikingBlock::feed_forward(Rows& hidden, Ledger& ledger) const {
  Rows inner = up(hidden, ledger);
  for_each_row(static_cast<std::int64_t>(inner.size()) / config_.intermediate_size, [&](std::int64_t r) {
    activate(config_.activation, inner.data() + r * config_.intermediate_size, config_.intermediate_size);
  });
  add(hidden, project(Site::down, *down_, inner, config_.intermediate_size, config_.hidden_size, ledger));
}

}  // namespace stac::snn
