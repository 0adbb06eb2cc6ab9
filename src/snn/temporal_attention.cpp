#include "snn/temporal_attention.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "snn/cache_growth.hpp"
#include "snn/cached_bytes.hpp"
#include "snn/gain_control.hpp"
#include "snn/membrane_functions.hpp"
#include "snn/temporal_window.hpp"

namespace stac::snn {

namespace {

/// Keys, or values, of all tokens.
/// @tparam Number  a byte, in steps that each head of each token has to itself, or what holds a mantissa whole
template <typename Number>
class CachedNumbers {
 public:
  explicit CachedNumbers(std::int64_t head_dim) : head_dim_(head_dim) {}

  /// @param heads  of all tokens
  void reserve(std::int64_t heads) {
    numbers_.reserve(heads * head_dim_);
    if (kHasSteps) steps_.reserve(heads);
  }

  void resize(std::int64_t heads) {
    numbers_.resize(heads * head_dim_);
    if (kHasSteps) steps_.resize(heads);
  }

  /// @param head     of all tokens' heads
  /// @param step_of  key_step or value_step
  void keep(std::int64_t head, const std::vector<std::int32_t>& mantissas,
            int (*step_of)(const std::int32_t*, std::int64_t)) {
    Number* const own = numbers_.data() + head * head_dim_;
    if (!kHasSteps) {
      std::transform(mantissas.begin(), mantissas.end(), own, [](std::int32_t m) { return static_cast<Number>(m); });
      return;
    }
    const int step = step_of(mantissas.data(), head_dim_);
    steps_[head] = static_cast<std::int16_t>(step);
    std::transform(mantissas.begin(), mantissas.end(), own, [step](std::int32_t mantissa) {
      return static_cast<Number>(std::clamp(std::nearbyint(static_cast<double>(mantissa) / step), -127.0, 127.0));
    });
  }

  void erase(std::int64_t first_head, std::int64_t heads) {
    numbers_.erase(numbers_.begin() + first_head * head_dim_, numbers_.begin() + (first_head + heads) * head_dim_);
    if (kHasSteps) steps_.erase(steps_.begin() + first_head, steps_.begin() + first_head + heads);
  }

  [[nodiscard]] const Number* of(std::int64_t head) const { return numbers_.data() + head * head_dim_; }
  [[nodiscard]] int step(std::int64_t head) const { return kHasSteps ? steps_[head] : 1; }
  [[nodiscard]] std::int64_t heads() const { return static_cast<std::int64_t>(numbers_.size()) / head_dim_; }
  [[nodiscard]] static std::uint64_t bytes(std::int64_t heads, std::int64_t head_dim) {
    return static_cast<std::uint64_t>(heads) *
           (static_cast<std::uint64_t>(head_dim) * sizeof(Number) + (kHasSteps ? sizeof(std::int16_t) : 0));
  }

 private:
  static constexpr bool kHasSteps = std::is_same_v<Number, std::int8_t>;

  std::int64_t head_dim_;
  std::vector<Number> numbers_;      // [tokens, kv_heads, head_dim]
  std::vector<std::int16_t> steps_;  // [tokens, kv_heads]
};

template <typename Number>
class TemporalMemory : public AttentionMemory {
 public:
  TemporalMemory(const AttentionShape& shape, TemporalProbe* probe)
      : shape_(shape), probe_(probe), keys_(shape.head_dim), values_(shape.head_dim) {}

  void append(const float* keys, const float* values, std::int64_t rows) override {
    const std::int64_t old = keys_.heads();
    capacity_ = grown_capacity(capacity_, length() + rows);
    for (CachedNumbers<Number>* cached : {&keys_, &values_}) {
      cached->reserve(capacity_ * shape_.kv_heads);
      cached->resize(old + rows * shape_.kv_heads);
    }
    for (std::int64_t i = 0; i < rows * shape_.kv_heads; ++i) {
      keep_key(keys + i * shape_.head_dim, old + i);
      const std::int64_t head = i % shape_.kv_heads;
      const auto value = on_grid(values + i * shape_.head_dim, shape_.value_exponent[head], shape_.value_bits);
      values_.keep(old + i, value, value_step);
    }
  }

  AttentionCounts attend(const float* queries, std::int64_t rows, float* mixed) const override {
    AttentionCounts counts;
    AttentionWork work;
    const std::int64_t width = shape_.heads * shape_.head_dim;
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t head = 0; head < shape_.heads; ++head) {
        const std::int64_t offset = r * width + head * shape_.head_dim;
        attend_head(queries + offset, head, length() - rows + r, mixed + offset, counts, work);
      }
    }
    if (probe_ != nullptr) {
      probe_->work({shape_.layer, Site::scores}, work.scores);
      probe_->work({shape_.layer, Site::mix}, work.mix);
    }
    return counts;
  }

  void drop(std::int64_t first, std::int64_t count, const KeyTurn& turn) override {
    for (std::int64_t token = first + count; turn && token < length(); ++token) {
      for (std::int64_t head = 0; head < shape_.kv_heads; ++head) turn_key(head, token, turn);
    }
    keys_.erase(first * shape_.kv_heads, count * shape_.kv_heads);
    values_.erase(first * shape_.kv_heads, count * shape_.kv_heads);
  }

  [[nodiscard]] std::uint64_t bytes_after(std::int64_t rows) const override {
    const std::int64_t capacity = grown_capacity(capacity_, length() + rows);
    return 2 * CachedNumbers<Number>::bytes(capacity * shape_.kv_heads, shape_.head_dim);
  }

  [[nodiscard]] std::int64_t length() const override { return keys_.heads() / shape_.kv_heads; }

  void reset() override {
    keys_.resize(0);
    values_.resize(0);
  }

 private:
  void turn_key(std::int64_t head, std::int64_t token, const KeyTurn& turn) {
    const std::int64_t place = token * shape_.kv_heads + head;
    std::vector<float> key(shape_.head_dim);
    for (std::int64_t d = 0; d < shape_.head_dim; ++d) {
      key[d] = std::ldexp(static_cast<float>(keys_.of(place)[d] * keys_.step(place)), shape_.key_exponent[head]);
    }
    turn(token, key.data());
    keep_key(key.data(), place);
  }

  /// @param place  of all tokens' heads
  void keep_key(const float* key, std::int64_t place) {
    const std::int64_t head = place % shape_.kv_heads;
    const auto mantissas = on_grid(key, shape_.key_exponent[head], shape_.key_bits);
    keys_.keep(place, mantissas, key_step);
  }

  [[nodiscard]] std::vector<std::int32_t> on_grid(const float* numbers, int exponent, int bits) const {
    std::vector<std::int32_t> mantissas(shape_.head_dim);
    for (std::int64_t d = 0; d < shape_.head_dim; ++d) mantissas[d] = to_mantissa(numbers[d], exponent, bits);
    return mantissas;
  }

  struct AttentionWork {
    SpikeWork scores, mix;
  };

  void attend_head(const float* query, std::int64_t head, std::int64_t position, float* mixed, AttentionCounts& counts,
                   AttentionWork& work) const {
    const std::int64_t kv_head = head / (shape_.heads / shape_.kv_heads);
    const std::int64_t first = first_key(shape_, position);
    const std::int64_t visible = position + 1 - first;
    const auto place = [&](std::int64_t key) { return (first + key) * shape_.kv_heads + kv_head; };

    const Population& population = shape_.queries[head];
    const RowGains query_gains = row_gains(population, query, shape_.head_dim);
    work.scores += encoding_work(population, shape_.head_dim, query_gains);
    Currents score_sums(visible);
    const Watch query_watch(probe_, {{shape_.layer, Site::scores}, position, head, 0});
    std::vector<bool> query_spiked(shape_.head_dim, false);
    std::uint64_t keys_read = 0;
    const Window queries(population.code, query, query_gains.groups.front(), score_sums, query_watch,
                         [&](std::int64_t d, int sign) {
                           if (!query_spiked[d]) keys_read += static_cast<std::uint64_t>(visible);
                           query_spiked[d] = true;
                           for (std::int64_t key = 0; key < visible; ++key) {
                             score_sums.add(key, keys_.of(place(key))[d], sign);
                           }
                         });
    work.scores += queries.work;
    work.scores += score_sums.work();
    std::vector<float> weights(visible);
    const double score_unit =
        std::ldexp(static_cast<double>(query_gains.unit), shape_.key_exponent[kv_head]) * shape_.scale;
    for (std::int64_t key = 0; key < visible; ++key) {
      weights[key] = read_out(score_sums[key] * keys_.step(place(key)), score_unit, 0.0);
      ++work.scores.read_outs;
    }
    const double sum = exponentials(weights.data(), visible);

    const RowGains weight_gains = row_gains(shape_.weights, weights.data(), visible);
    work.mix += encoding_work(shape_.weights, visible, weight_gains);
    Currents mix_sums(shape_.head_dim);
    const Watch mix_watch(probe_, {{shape_.layer, Site::mix}, position, head, 0});
    std::vector<bool> weight_spiked(visible, false);
    std::uint64_t values_read = 0;
    const auto head_dim = static_cast<std::uint64_t>(shape_.head_dim);
    for (const GroupGain& group : weight_gains.groups) {
      const Window spoken(shape_.weights.code, weights.data(), group, mix_sums, mix_watch,
                          [&](std::int64_t key, int sign) {
                            mix_sums.add(values_.of(place(key)), sign * values_.step(place(key)));
                            if (!weight_spiked[key]) values_read += head_dim;
                            weight_spiked[key] = true;
                          });
      counts.mix.spikes += spoken.spikes;
      counts.mix.silent += spoken.silent;
      counts.mix.saturated += spoken.saturated;
      work.mix += spoken.work;
    }
    const double mix_unit = std::ldexp(static_cast<double>(weight_gains.unit), shape_.value_exponent[kv_head]) / sum;
    for (std::int64_t d = 0; d < shape_.head_dim; ++d) {
      mixed[d] = read_out(mix_sums[d], mix_unit, 0.0);
      ++work.mix.read_outs;
    }
    work.mix += mix_sums.work();
    work.mix.group_scalings += group_scalings(weight_gains, mix_sums);

    const auto seen = static_cast<std::uint64_t>(visible);
    const std::uint64_t macs = head_dim * seen;
    work.scores.weights_read += keys_read;
    work.mix.weights_read += values_read;
    counts.scores += {macs,
                      head_dim,
                      queries.silent,
                      queries.spikes,
                      score_sums.work().additions,
                      queries.saturated,
                      macs - keys_read};
    counts.mix += {macs, seen, 0, 0, mix_sums.work().additions, 0, macs - values_read};
  }

  AttentionShape shape_;
  TemporalProbe* probe_;
  CachedNumbers<Number> keys_;
  CachedNumbers<Number> values_;
  std::int64_t capacity_ = 0;  // tokens that there is room for
};

}  // namespace

std::unique_ptr<AttentionMemory> temporal_memory(const AttentionShape& shape, TemporalProbe* probe) {
  if (shape.in_bytes) return std::make_unique<TemporalMemory<std::int8_t>>(shape, probe);
  if (fits_two_bytes(shape)) return std::make_unique<TemporalMemory<std::int16_t>>(shape, probe);
  return std::make_unique<TemporalMemory<std::int32_t>>(shape, probe);
}

}  // namespace stac::snn
