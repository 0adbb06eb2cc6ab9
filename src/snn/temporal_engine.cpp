#include "snn/temporal_engine.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "snn/cache_growth.hpp"
#include "snn/gain_control.hpp"
#include "snn/membrane_functions.hpp"
#include "snn/neuron_population.hpp"
#include "snn/task_queue.hpp"

namespace stac::snn {

namespace {

// Integer currents of a population of targets: what spikes bring in one timestep, and what the window has gathered.
class Currents {
 public:
  explicit Currents(std::int64_t targets) : now_(targets), sums_(targets) {}
  template <typename Weight>
  void add(const Weight* weights, int sign) {
    for (std::size_t i = 0; i < now_.size(); ++i) now_[i] += sign * static_cast<std::int64_t>(weights[i]);
  }
  std::int64_t& now(std::int64_t target) { return now_[target]; }
  /// Ends a timestep, whose spikes weigh this much.
  void gather(std::int64_t weight) {
    for (std::size_t i = 0; i < now_.size(); ++i) sums_[i] += weight * now_[i];
    std::fill(now_.begin(), now_.end(), 0);
  }
  [[nodiscard]] std::int64_t operator[](std::int64_t target) const { return sums_[target]; }

 private:
  std::vector<std::int64_t> now_;
  std::vector<std::int64_t> sums_;
};

// One window of the neurons of one group.
struct Window {
  std::uint64_t spikes = 0;
  std::uint64_t silent = 0;
  std::uint64_t saturated = 0;

  template <typename OnSpike>
  Window(const Code& code, const float* membranes, const GroupGain& gain, Currents& currents, OnSpike on_spike) {
    NeuronPopulation neurons(code, membranes + gain.first, gain.count, gain.scale);
    for (int t = 0; t < speaking_timesteps(code); ++t) {
      neurons.advance([&](std::int64_t j, int sign) { on_spike(gain.first + j, sign); });
      currents.gather(spike_weight(code, t) * gain.multiplier);
    }
    spikes = neurons.spikes();
    silent = neurons.silent();
    saturated = neurons.saturated();
  }
};

class TemporalProjection : public SpikingProjection {
 public:
  explicit TemporalProjection(SpikingLinear layer)
      : inputs_(layer.weight.columns), outputs_(layer.weight.rows), layer_(std::move(layer)) {
    columns_.resize(inputs_ * outputs_);
    for (std::int64_t o = 0; o < outputs_; ++o) {
      for (std::int64_t j = 0; j < inputs_; ++j) columns_[j * outputs_ + o] = layer_.weight.mantissa[o * inputs_ + j];
    }
    layer_.weight.mantissa = {};
  }

  SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const override {
    SiteCounts total;
    std::mutex total_mutex;
    for_each_task(rows, [&](std::int64_t r) {
      const SiteCounts counted = run_row(membranes + r * inputs_, currents + r * outputs_);
      const std::lock_guard lock(total_mutex);
      total += counted;
    });
    return total;
  }

 private:
  [[nodiscard]] SiteCounts run_row(const float* membranes, float* output) const {
    std::vector<float> scratch;
    const float* const row = in_profile_units(layer_.inputs, membranes, inputs_, scratch);
    const RowGains gains = row_gains(layer_.inputs, row, inputs_);
    Currents sums(outputs_);
    SiteCounts counts;
    for (const GroupGain& group : gains.groups) {
      const Window window(layer_.inputs.code, row, group, sums, [&](std::int64_t j, int sign) {
        sums.add(columns_.data() + j * outputs_, sign);
        counts.additions += static_cast<std::uint64_t>(outputs_);
      });
      counts.spikes += window.spikes;
      counts.silent += window.silent;
      counts.saturated += window.saturated;
    }
    for (std::int64_t o = 0; o < outputs_; ++o) {
      output[o] = read_out(sums[o], static_cast<double>(gains.unit) * layer_.weight.unit[o], layer_.bias[o]);
    }
    counts.macs = static_cast<std::uint64_t>(inputs_ * outputs_);
    counts.windows = static_cast<std::uint64_t>(inputs_);
    return counts;
  }

  std::int64_t inputs_;
  std::int64_t outputs_;
  SpikingLinear layer_;                // mantissas moved to columns_
  std::vector<std::int32_t> columns_;  // [inputs, outputs]
};

/// @tparam Cached  std::int16_t where keys and values are stored in two bytes, else std::int32_t
template <typename Cached>
class TemporalMemory : public AttentionMemory {
 public:
  explicit TemporalMemory(const AttentionShape& shape) : shape_(shape) {}

  void append(const float* keys, const float* values, std::int64_t rows) override {
    const std::int64_t width = shape_.kv_heads * shape_.head_dim;
    capacity_ = grown_capacity(capacity_, length() + rows);
    keys_.reserve(capacity_ * width);
    values_.reserve(capacity_ * width);
    for (std::int64_t i = 0; i < rows * width; ++i) {
      const std::int64_t head = i % width / shape_.head_dim;
      keys_.push_back(static_cast<Cached>(to_mantissa(keys[i], shape_.key_exponent[head], shape_.key_bits)));
      values_.push_back(static_cast<Cached>(to_mantissa(values[i], shape_.value_exponent[head], shape_.value_bits)));
    }
  }

  AttentionCounts attend(const float* queries, std::int64_t rows, float* mixed) const override {
    AttentionCounts counts;
    const std::int64_t width = shape_.heads * shape_.head_dim;
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t head = 0; head < shape_.heads; ++head) {
        const std::int64_t offset = r * width + head * shape_.head_dim;
        attend_head(queries + offset, head, length() - rows + r, mixed + offset, counts);
      }
    }
    return counts;
  }

  void drop(std::int64_t first, std::int64_t count, const KeyTurn& turn) override {
    const std::int64_t width = shape_.kv_heads * shape_.head_dim;
    for (std::int64_t token = first + count; turn && token < length(); ++token) {
      for (std::int64_t head = 0; head < shape_.kv_heads; ++head) turn_key(head, token, turn);
    }
    const auto erase = [&](std::vector<Cached>& cached) {
      cached.erase(cached.begin() + first * width, cached.begin() + (first + count) * width);
    };
    erase(keys_);
    erase(values_);
  }

  [[nodiscard]] std::uint64_t bytes_after(std::int64_t rows) const override {
    const std::int64_t capacity = grown_capacity(capacity_, length() + rows);
    return static_cast<std::uint64_t>(2 * capacity * shape_.kv_heads * shape_.head_dim) * sizeof(Cached);
  }

  [[nodiscard]] std::int64_t length() const override {
    return static_cast<std::int64_t>(keys_.size()) / (shape_.kv_heads * shape_.head_dim);
  }

  void reset() override {
    keys_.clear();
    values_.clear();
  }

 private:
  void turn_key(std::int64_t head, std::int64_t token, const KeyTurn& turn) {
    Cached* const cached = keys_.data() + (token * shape_.kv_heads + head) * shape_.head_dim;
    std::vector<float> key(shape_.head_dim);
    for (std::int64_t d = 0; d < shape_.head_dim; ++d) {
      key[d] = std::ldexp(static_cast<float>(cached[d]), shape_.key_exponent[head]);
    }
    turn(token, key.data());
    for (std::int64_t d = 0; d < shape_.head_dim; ++d) {
      cached[d] = static_cast<Cached>(to_mantissa(key[d], shape_.key_exponent[head], shape_.key_bits));
    }
  }

  void attend_head(const float* query, std::int64_t head, std::int64_t position, float* mixed,
                   AttentionCounts& counts) const {
    const std::int64_t kv_head = head / (shape_.heads / shape_.kv_heads);
    const std::int64_t width = shape_.kv_heads * shape_.head_dim;
    const std::int64_t first = first_key(shape_, position);
    const std::int64_t visible = position + 1 - first;
    const Cached* const keys = keys_.data() + first * width + kv_head * shape_.head_dim;
    const Cached* const values = values_.data() + first * width + kv_head * shape_.head_dim;

    const Population& population = shape_.queries[head];
    const RowGains query_gains = row_gains(population, query, shape_.head_dim);
    Currents score_sums(visible);
    const Window queries(population.code, query, query_gains.groups.front(), score_sums, [&](std::int64_t d, int sign) {
      for (std::int64_t key = 0; key < visible; ++key)
        score_sums.now(key) += sign * std::int64_t{keys[key * width + d]};
      counts.scores.additions += static_cast<std::uint64_t>(visible);
    });
    std::vector<float> weights(visible);
    const double score_unit =
        std::ldexp(static_cast<double>(query_gains.unit), shape_.key_exponent[kv_head]) * shape_.scale;
    for (std::int64_t key = 0; key < visible; ++key) weights[key] = read_out(score_sums[key], score_unit, 0.0);
    const double sum = exponentials(weights.data(), visible);

    const RowGains weight_gains = row_gains(shape_.weights, weights.data(), visible);
    Currents mix_sums(shape_.head_dim);
    for (const GroupGain& group : weight_gains.groups) {
      const Window spoken(shape_.weights.code, weights.data(), group, mix_sums, [&](std::int64_t key, int sign) {
        mix_sums.add(values + key * width, sign);
        counts.mix.additions += static_cast<std::uint64_t>(shape_.head_dim);
      });
      counts.mix.spikes += spoken.spikes;
      counts.mix.silent += spoken.silent;
      counts.mix.saturated += spoken.saturated;
    }
    const double mix_unit = std::ldexp(static_cast<double>(weight_gains.unit), shape_.value_exponent[kv_head]) / sum;
    for (std::int64_t d = 0; d < shape_.head_dim; ++d) mixed[d] = read_out(mix_sums[d], mix_unit, 0.0);

    const auto head_dim = static_cast<std::uint64_t>(shape_.head_dim);
    const auto seen = static_cast<std::uint64_t>(visible);
    counts.scores += {head_dim * seen, head_dim, queries.silent, queries.spikes, 0, queries.saturated};
    counts.mix += {head_dim * seen, seen, 0, 0, 0, 0};
  }

  AttentionShape shape_;
  std::vector<Cached> keys_;  // [length, kv_heads * head_dim]
  std::vector<Cached> values_;
  std::int64_t capacity_ = 0;  // tokens that there is room for
};

}  // namespace

std::unique_ptr<SpikingProjection> TemporalEngine::projection(SpikingLinear layer) const {
  require_valid(layer.inputs, layer.weight.columns);
  return std::make_unique<TemporalProjection>(std::move(layer));
}

std::unique_ptr<AttentionMemory> TemporalEngine::memory(const AttentionShape& shape) const {
  require_valid(shape);
  if (fits_two_bytes(shape)) return std::make_unique<TemporalMemory<std::int16_t>>(shape);
  return std::make_unique<TemporalMemory<std::int32_t>>(shape);
}

}  // namespace stac::snn
