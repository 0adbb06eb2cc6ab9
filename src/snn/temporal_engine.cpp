#include "snn/temporal_engine.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "snn/cache_growth.hpp"
#include "snn/cached_bytes.hpp"
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
  void add(std::int64_t target, std::int64_t weight, int sign) {
    now_[target] += sign * weight;
    ++work_.additions;
  }
  template <typename Weight>
  void add(const Weight* weights, int sign) {
    for (std::size_t i = 0; i < now_.size(); ++i) {
      now_[i] += sign * static_cast<std::int64_t>(weights[i]);
      ++work_.additions;
    }
  }
  /// Ends a timestep, whose spikes weigh this much.
  void gather(std::int64_t weight) {
    for (std::size_t i = 0; i < now_.size(); ++i) {
      sums_[i] += weight * now_[i];
      ++work_.weighings;
    }
    std::fill(now_.begin(), now_.end(), 0);
  }
  [[nodiscard]] std::int64_t operator[](std::int64_t target) const { return sums_[target]; }
  [[nodiscard]] std::size_t size() const { return sums_.size(); }
  [[nodiscard]] const SpikeWork& work() const { return work_; }

 private:
  std::vector<std::int64_t> now_;
  std::vector<std::int64_t> sums_;
  SpikeWork work_;
};

// What a probe is told of one row's windows; nothing without a probe.
class Watch {
 public:
  Watch(TemporalProbe* probe, WindowPlace row) : probe_(probe), row_(row) {}

  [[nodiscard]] bool is_on() const { return probe_ != nullptr; }
  void gain(const GroupGain& gain) const {
    if (probe_ != nullptr) probe_->gain(at(gain.first), gain.count, gain.scale);
  }
  void spike(std::int64_t neuron, int t, int sign) const {
    if (probe_ != nullptr) probe_->spike(at(neuron), t, sign);
  }
  void membrane(std::int64_t neuron, int t, double before, double after, double level) const {
    probe_->membrane(at(neuron), t, before, after, level);
  }

 private:
  [[nodiscard]] WindowPlace at(std::int64_t neuron) const {
    WindowPlace place = row_;
    place.neuron = neuron;
    return place;
  }

  TemporalProbe* probe_;
  WindowPlace row_;
};

// One window of the neurons of one group.
struct Window {
  std::uint64_t spikes = 0;
  std::uint64_t silent = 0;
  std::uint64_t saturated = 0;
  SpikeWork work;

  template <typename OnSpike>
  Window(const Code& code, const float* membranes, const GroupGain& gain, Currents& currents, const Watch& watch,
         OnSpike on_spike) {
    watch.gain(gain);
    NeuronPopulation neurons(code, membranes + gain.first, gain.count, gain.scale);
    for (int t = 0; t < speaking_timesteps(code); ++t) {
      const std::vector<double> charges = watch.is_on() ? neurons.next_charges() : std::vector<double>();
      const double level = neurons.next_level();
      neurons.advance([&](std::int64_t j, int sign) {
        on_spike(gain.first + j, sign);
        watch.spike(gain.first + j, t, sign);
      });
      for (std::size_t j = 0; j < charges.size(); ++j) {
        const auto neuron = static_cast<std::int64_t>(j);
        watch.membrane(gain.first + neuron, t, charges[j], neurons.potential(neuron), level);
      }
      currents.gather(spike_weight(code, t) * gain.multiplier);
    }
    spikes = neurons.spikes();
    silent = neurons.silent();
    saturated = neurons.saturated();
    work = neurons.work();
  }
};

// What it takes to measure one row's membranes in integer steps of its groups.
SpikeWork encoding_work(const Population& population, std::int64_t n, const RowGains& gains) {
  SpikeWork work;
  const auto membranes = static_cast<std::uint64_t>(n);
  if (!population.profile.empty()) work.profile_scalings = membranes;
  if (!population.full_scale.empty()) return work;  // neurons hold their thresholds
  work.maxima = membranes;
  work.gains = gains.groups.size();
  work.scalings = membranes;
  work.trials = membranes * static_cast<std::uint64_t>(gains_tried(population));
  return work;
}

// What comes once per row and group of several: each target's current of the group times the group's gain.
std::uint64_t group_scalings(const RowGains& gains, const Currents& currents) {
  return gains.groups.size() > 1 ? gains.groups.size() * currents.size() : 0;
}

class TemporalProjection : public SpikingProjection {
 public:
  TemporalProjection(SpikingLinear layer, TemporalProbe* probe)
      : inputs_(layer.weight.columns), outputs_(layer.weight.rows), layer_(std::move(layer)), probe_(probe) {
    columns_.resize(inputs_ * outputs_);
    layer_.weight.mantissa.visit([this](const auto* mantissas) {
      for (std::int64_t o = 0; o < outputs_; ++o) {
        for (std::int64_t j = 0; j < inputs_; ++j) columns_[j * outputs_ + o] = mantissas[o * inputs_ + j];
      }
    });
    layer_.weight.mantissa = {};
  }

  SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const override {
    return probe_ == nullptr ? run_together(membranes, rows, currents) : run_watched(membranes, rows, currents);
  }

 private:
  struct RowCounts {
    SiteCounts counts;
    SpikeWork work;
  };

  [[nodiscard]] SiteCounts run_together(const float* membranes, std::int64_t rows, float* currents) const {
    SiteCounts total;
    std::mutex total_mutex;
    for_each_task(rows, [&](std::int64_t r) {
      const RowCounts row = run_row(r, membranes + r * inputs_, currents + r * outputs_);
      const std::lock_guard lock(total_mutex);
      total += row.counts;
    });
    return total;
  }

  [[nodiscard]] SiteCounts run_watched(const float* membranes, std::int64_t rows, float* currents) const {
    SiteCounts total;
    SpikeWork work;
    for (std::int64_t r = 0; r < rows; ++r) {
      const RowCounts row = run_row(rows_seen_ + r, membranes + r * inputs_, currents + r * outputs_);
      total += row.counts;
      work += row.work;
    }
    rows_seen_ += rows;
    probe_->work(layer_.site, work);
    return total;
  }

  [[nodiscard]] RowCounts run_row(std::int64_t place, const float* membranes, float* output) const {
    std::vector<float> scratch;
    const float* const row = in_profile_units(layer_.inputs, membranes, inputs_, scratch);
    const RowGains gains = row_gains(layer_.inputs, row, inputs_);
    const Watch watch(probe_, {layer_.site, place, 0, 0});
    Currents sums(outputs_);
    std::vector<bool> spiked(inputs_, false);
    SiteCounts counts;
    SpikeWork work = encoding_work(layer_.inputs, inputs_, gains);
    for (const GroupGain& group : gains.groups) {
      const Window window(layer_.inputs.code, row, group, sums, watch, [&](std::int64_t j, int sign) {
        sums.add(columns_.data() + j * outputs_, sign);
        if (!spiked[j]) work.weights_read += static_cast<std::uint64_t>(outputs_);
        spiked[j] = true;
      });
      counts.spikes += window.spikes;
      counts.silent += window.silent;
      counts.saturated += window.saturated;
      work += window.work;
    }
    for (std::int64_t o = 0; o < outputs_; ++o) {
      output[o] = read_out(sums[o], static_cast<double>(gains.unit) * layer_.weight.unit[o], layer_.bias[o]);
      ++work.read_outs;
    }
    work += sums.work();
    work.group_scalings += group_scalings(gains, sums);
    counts.additions = work.additions;
    counts.macs = static_cast<std::uint64_t>(inputs_ * outputs_);
    counts.windows = static_cast<std::uint64_t>(inputs_);
    counts.silent_macs = counts.macs - work.weights_read;
    return {counts, work};
  }

  std::int64_t inputs_;
  std::int64_t outputs_;
  SpikingLinear layer_;                // mantissas moved to columns_
  std::vector<std::int32_t> columns_;  // [inputs, outputs]
  TemporalProbe* probe_;
  mutable std::int64_t rows_seen_ = 0;  // by the probe
};

/// @tparam Cached  std::int16_t where keys and values fit two bytes, bytes and their shift among them, else
/// std::int32_t
template <typename Cached>
class TemporalMemory : public AttentionMemory {
 public:
  TemporalMemory(const AttentionShape& shape, TemporalProbe* probe) : shape_(shape), probe_(probe) {}

  void append(const float* keys, const float* values, std::int64_t rows) override {
    const std::int64_t width = shape_.kv_heads * shape_.head_dim;
    capacity_ = grown_capacity(capacity_, length() + rows);
    keys_.reserve(capacity_ * width);
    values_.reserve(capacity_ * width);
    const std::int64_t heads = rows * shape_.kv_heads;
    keys_.resize(keys_.size() + rows * width);
    values_.resize(keys_.size());
    Cached* const new_keys = keys_.data() + keys_.size() - rows * width;
    Cached* const new_values = values_.data() + values_.size() - rows * width;
    for (std::int64_t i = 0; i < heads; ++i) {
      const std::int64_t head = i % shape_.kv_heads, offset = i * shape_.head_dim;
      keep_key(keys + offset, head, new_keys + offset);
      keep_value(values + offset, head, new_values + offset);
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
    keep_key(key.data(), head, cached);
  }

  // One head's key of one token, on its grid.
  void keep_key(const float* key, std::int64_t head, Cached* cached) const {
    const std::vector<std::int32_t> mantissas = on_grid(key, shape_.key_exponent[head], shape_.key_bits);
    keep(mantissas, shape_.in_bytes ? key_step(mantissas.data(), shape_.head_dim) : 0, cached);
  }

  void keep_value(const float* value, std::int64_t head, Cached* cached) const {
    const std::vector<std::int32_t> mantissas = on_grid(value, shape_.value_exponent[head], shape_.value_bits);
    keep(mantissas, shape_.in_bytes ? value_step(mantissas.data(), shape_.head_dim) : 0, cached);
  }

  [[nodiscard]] std::vector<std::int32_t> on_grid(const float* numbers, int exponent, int bits) const {
    std::vector<std::int32_t> mantissas(shape_.head_dim);
    for (std::int64_t d = 0; d < shape_.head_dim; ++d) mantissas[d] = to_mantissa(numbers[d], exponent, bits);
    return mantissas;
  }

  // What a byte in these steps says of them; without a step, themselves.
  void keep(const std::vector<std::int32_t>& mantissas, int step, Cached* cached) const {
    std::transform(mantissas.begin(), mantissas.end(), cached, [step](std::int32_t mantissa) {
      if (step == 0) return static_cast<Cached>(mantissa);
      const double byte = std::clamp(std::nearbyint(static_cast<double>(mantissa) / step), -127.0, 127.0);
      return static_cast<Cached>(byte * step);
    });
  }

  struct AttentionWork {
    SpikeWork scores, mix;
  };

  void attend_head(const float* query, std::int64_t head, std::int64_t position, float* mixed, AttentionCounts& counts,
                   AttentionWork& work) const {
    const std::int64_t kv_head = head / (shape_.heads / shape_.kv_heads);
    const std::int64_t width = shape_.kv_heads * shape_.head_dim;
    const std::int64_t first = first_key(shape_, position);
    const std::int64_t visible = position + 1 - first;
    const Cached* const keys = keys_.data() + first * width + kv_head * shape_.head_dim;
    const Cached* const values = values_.data() + first * width + kv_head * shape_.head_dim;

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
                             score_sums.add(key, keys[key * width + d], sign);
                           }
                         });
    work.scores += queries.work;
    work.scores += score_sums.work();
    std::vector<float> weights(visible);
    const double score_unit =
        std::ldexp(static_cast<double>(query_gains.unit), shape_.key_exponent[kv_head]) * shape_.scale;
    for (std::int64_t key = 0; key < visible; ++key) {
      weights[key] = read_out(score_sums[key], score_unit, 0.0);
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
                            mix_sums.add(values + key * width, sign);
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
  std::vector<Cached> keys_;  // [length, kv_heads * head_dim]
  std::vector<Cached> values_;
  std::int64_t capacity_ = 0;  // tokens that there is room for
};

}  // namespace

std::unique_ptr<SpikingProjection> TemporalEngine::projection(SpikingLinear layer) const {
  require_valid(layer.inputs, layer.weight.columns);
  return std::make_unique<TemporalProjection>(std::move(layer), probe_);
}

std::unique_ptr<AttentionMemory> TemporalEngine::memory(const AttentionShape& shape) const {
  require_valid(shape);
  if (fits_two_bytes(shape)) return std::make_unique<TemporalMemory<std::int16_t>>(shape, probe_);
  return std::make_unique<TemporalMemory<std::int32_t>>(shape, probe_);
}

std::unique_ptr<Engine> make_temporal_engine(TemporalProbe& probe) { return std::make_unique<TemporalEngine>(probe); }

}  // namespace stac::snn
