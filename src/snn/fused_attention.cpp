#include <algorithm>
#include <cmath>
#include <mutex>

#include "snn/cache_growth.hpp"
#include "snn/encoded_rows.hpp"
#include "snn/fused_engine.hpp"
#include "snn/head_cache.hpp"
#include "snn/integer_product.hpp"
#include "snn/membrane_functions.hpp"
#include "snn/row_kernels.hpp"
#include "snn/task_queue.hpp"

namespace stac::snn {

namespace {

constexpr std::int64_t kTileRows = 32;      // queries of heads that share one pass over their keys
constexpr std::int64_t kPairsOfPart = 128;  // of values: what they widen to stays in the first-level cache

class FusedMemory : public AttentionMemory {
 public:
  FusedMemory(std::shared_ptr<const CodeTable> queries, std::shared_ptr<const CodeTable> weights,
              const AttentionShape& shape)
      : query_table_(std::move(queries)),
        weight_table_(std::move(weights)),
        shape_(shape),
        slices_(panel_slices(shape)) {
    for (std::int64_t head = 0; head < shape.kv_heads; ++head) heads_.push_back(new_head_cache(shape));
  }

  void append(const float* keys, const float* values, std::int64_t rows) override {
    const std::int64_t width = shape_.kv_heads * shape_.head_dim;
    grow(length_ + rows);
    for_each_task(shape_.kv_heads, [&](std::int64_t head) {
      for (std::int64_t r = 0; r < rows; ++r) {
        const std::int64_t offset = r * width + head * shape_.head_dim;
        store_key(head, length_ + r, keys + offset);
        store_value(head, length_ + r, values + offset);
      }
    });
    length_ += rows;
  }

  AttentionCounts attend(const float* queries, std::int64_t rows, float* mixed) const override {
    const std::vector<Tile> tiles = tiles_of(rows);
    AttentionCounts total;
    std::mutex total_mutex;
    for_each_task(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t task) {
      const AttentionCounts counts = attend_tile(tiles[task], length_ - rows, queries, mixed);
      const std::lock_guard lock(total_mutex);
      total.scores += counts.scores;
      total.mix += counts.mix;
    });
    return total;
  }

  void drop(std::int64_t first, std::int64_t count, const KeyTurn& turn) override {
    for (std::int64_t token = first + count; token < length_; ++token) {
      for (std::int64_t head = 0; head < shape_.kv_heads; ++head) {
        move_key(head, token, token - count, turn);
        heads_[head]->move_value(token, token - count);
      }
    }
    length_ -= count;
  }

  [[nodiscard]] std::uint64_t bytes_after(std::int64_t rows) const override {
    const std::int64_t capacity = grown_capacity(capacity_, length_ + rows);
    return static_cast<std::uint64_t>(shape_.kv_heads) * heads_.front()->bytes(capacity);
  }

  [[nodiscard]] std::int64_t length() const override { return length_; }

  // Room stays for the next text. What is left in it meets codes of 0 only.
  void reset() override { length_ = 0; }

 private:
  void grow(std::int64_t length) {
    const std::int64_t capacity = grown_capacity(capacity_, length);
    if (capacity == capacity_) return;
    for (const auto& head : heads_) head->grow(capacity);
    capacity_ = capacity;
  }

  void store_key(std::int64_t head, std::int64_t token, const float* key) {
    std::vector<std::int32_t> mantissas(shape_.head_dim);
    to_mantissas(key, shape_.head_dim, shape_.key_exponent[head], shape_.key_bits, mantissas.data());
    heads_[head]->store_key(token, mantissas.data());
  }

  void store_value(std::int64_t head, std::int64_t token, const float* value) {
    std::vector<std::int32_t> mantissas(shape_.head_dim);
    to_mantissas(value, shape_.head_dim, shape_.value_exponent[head], shape_.value_bits, mantissas.data());
    heads_[head]->store_value(token, mantissas.data());
  }

  void move_key(std::int64_t head, std::int64_t from, std::int64_t to, const KeyTurn& turn) {
    if (!turn) return heads_[head]->move_key(from, to);
    std::vector<std::int32_t> mantissas(shape_.head_dim);
    heads_[head]->load_key(from, mantissas.data());
    std::vector<float> key(shape_.head_dim);
    for (std::int64_t d = 0; d < shape_.head_dim; ++d) {
      key[d] = std::ldexp(static_cast<float>(mantissas[d]), shape_.key_exponent[head]);
    }
    turn(from, key.data());
    store_key(head, to, key.data());
  }

  // Keys first .. last - 1 of the cache.
  struct Span {
    std::int64_t first, last;
    [[nodiscard]] std::int64_t size() const { return last - first; }
  };

  // What one query sees.
  [[nodiscard]] Span seen_from(std::int64_t position) const { return {first_key(shape_, position), position + 1}; }

  // What the queries at these positions see together, from the start of a panel.
  [[nodiscard]] Span seen_by_tile(std::int64_t first_position, std::int64_t last_position) const {
    return {first_key(shape_, first_position) / kPanelOutputs * kPanelOutputs, last_position + 1};
  }

  // Some queries of heads that share keys and values. Its rows: all these heads of the first query, then of the next.
  struct Tile {
    std::int64_t kv_head;
    std::int64_t first_head, heads;
    std::int64_t first_query, queries;

    [[nodiscard]] std::int64_t rows() const { return heads * queries; }
    [[nodiscard]] std::int64_t head(std::int64_t row) const { return first_head + row % heads; }
    [[nodiscard]] std::int64_t query(std::int64_t row) const { return first_query + row / heads; }
  };

  // All of them; heads that share keys are taken apart only where threads would have nothing to do.
  [[nodiscard]] std::vector<Tile> tiles_of(std::int64_t queries) const {
    if (queries == 0) return {};
    const std::int64_t sharing = shape_.heads / shape_.kv_heads;
    const std::int64_t size = std::max<std::int64_t>(kTileRows / sharing, 1);
    const std::int64_t passes = shape_.kv_heads * ((queries + size - 1) / size);
    const std::int64_t parts = std::clamp<std::int64_t>((pool_threads() + passes - 1) / passes, 1, sharing);
    const std::int64_t heads = (sharing + parts - 1) / parts;
    std::vector<Tile> tiles;
    for (std::int64_t kv_head = 0; kv_head < shape_.kv_heads; ++kv_head) {
      for (std::int64_t query = 0; query < queries; query += size) {
        for (std::int64_t head = 0; head < sharing; head += heads) {
          tiles.push_back({kv_head, kv_head * sharing + head, std::min(heads, sharing - head), query,
                           std::min(size, queries - query)});
        }
      }
    }
    return tiles;
  }

  // Where a row's query begins, and what is mixed for it.
  [[nodiscard]] std::int64_t place(const Tile& tile, std::int64_t row) const {
    return (tile.query(row) * shape_.heads + tile.head(row)) * shape_.head_dim;
  }

  /// @param past  tokens before the first query's
  AttentionCounts attend_tile(const Tile& tile, std::int64_t past, const float* queries, float* mixed) const {
    const std::int64_t n = tile.rows();
    const Span keys = seen_by_tile(past + tile.first_query, past + tile.query(n - 1));
    const auto head_dim = static_cast<std::uint64_t>(shape_.head_dim);
    AttentionCounts counts;

    // Heads speak one code and have one group each: any head's population stands for all but their gains.
    EncodedRows query_codes(*query_table_, shape_.queries.front(), n, shape_.head_dim);
    std::vector<double> units(n);
    for (std::int64_t i = 0; i < n; ++i) {
      const float* const query = queries + place(tile, i);
      const RowGains gains = row_gains(shape_.queries[tile.head(i)], query, shape_.head_dim);
      const RowSpikes spoken = query_codes.encode(i, 0, query, shape_.head_dim, gains);
      const auto seen = static_cast<std::uint64_t>(seen_from(past + tile.query(i)).size());
      counts.scores += {head_dim * seen,      head_dim,         spoken.silent,       spoken.spikes,
                        spoken.spikes * seen, spoken.saturated, spoken.silent * seen};
      units[i] = std::ldexp(static_cast<double>(gains.unit), shape_.key_exponent[tile.kv_head]) * shape_.scale;
    }
    std::vector<float> scores = score(query_codes, tile.kv_head, keys, units);

    EncodedRows weights(*weight_table_, shape_.weights, n, keys.size());
    for (std::int64_t i = 0; i < n; ++i) {
      const Span own = seen_from(past + tile.query(i));
      const std::int64_t offset = own.first - keys.first;
      float* const row = scores.data() + i * keys.size() + offset;
      const double sum = exponentials(row, own.size());
      const RowGains gains = row_gains(shape_.weights, row, own.size());
      const RowSpikes spoken = weights.encode(i, offset, row, own.size(), gains);
      const auto seen = static_cast<std::uint64_t>(own.size());
      counts.mix +=
          {head_dim * seen,         seen, spoken.silent, spoken.spikes, spoken.spikes * head_dim, spoken.saturated,
           spoken.silent * head_dim};
      units[i] = std::ldexp(static_cast<double>(gains.unit), shape_.value_exponent[tile.kv_head]) / sum;
    }
    mix(weights, tile, keys, units, mixed);
    return counts;
  }

  // [codes.rows(), keys.size()]
  [[nodiscard]] std::vector<float> score(const EncodedRows& codes, std::int64_t kv_head, Span keys,
                                         const std::vector<double>& units) const {
    const std::int64_t n = codes.rows();
    std::vector<float> scores(n * keys.size());
    std::vector<std::int64_t> sums(n * kPanelOutputs);
    PanelRoom room;
    for (std::int64_t key = keys.first; key < keys.last; key += kPanelOutputs) {
      const std::int16_t* const panel = heads_[kv_head]->key_panel(key, room);
      codes.multiply(panel, slices_, (shape_.head_dim + 1) / 2, 0, n, sums);
      const std::int64_t lanes = std::min(kPanelOutputs, keys.last - key);
      for (std::int64_t i = 0; i < n; ++i) {
        read_out_row(sums.data() + i * kPanelOutputs, lanes, units[i],
                     scores.data() + i * keys.size() + key - keys.first);
      }
    }
    return scores;
  }

  void mix(const EncodedRows& codes, const Tile& tile, Span keys, const std::vector<double>& units,
           float* mixed) const {
    const std::int64_t n = codes.rows();
    std::vector<std::int64_t> sums(n * kPanelOutputs);
    PanelRoom room;
    for (std::int64_t d = 0; d < shape_.head_dim; d += kPanelOutputs) {
      codes.multiply_parts(
          [&](std::int64_t pair, std::int64_t pairs) {
            return heads_[tile.kv_head]->value_panel(d, keys.first + 2 * pair, 2 * pairs, room);
          },
          kPairsOfPart, slices_, (keys.size() + 1) / 2, 0, n, sums);
      const std::int64_t lanes = std::min(kPanelOutputs, shape_.head_dim - d);
      for (std::int64_t i = 0; i < n; ++i) {
        read_out_row(sums.data() + i * kPanelOutputs, lanes, units[i], mixed + place(tile, i) + d);
      }
    }
  }

  std::shared_ptr<const CodeTable> query_table_;
  std::shared_ptr<const CodeTable> weight_table_;
  AttentionShape shape_;
  Slices slices_;                                  // of a panel
  std::vector<std::unique_ptr<HeadCache>> heads_;  // [kv_heads]
  std::int64_t length_ = 0;
  std::int64_t capacity_ = 0;  // tokens that the panels have room for
};

}  // namespace

std::unique_ptr<AttentionMemory> FusedEngine::memory(const AttentionShape& shape) const {
  require_valid(shape);
  return std::make_unique<FusedMemory>(table(shape.queries.front().code), table(shape.weights.code), shape);
}

}  // namespace stac::snn
