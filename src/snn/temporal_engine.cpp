#include "snn/temporal_engine.hpp"

#include <mutex>

#include "snn/gain_control.hpp"
#include "snn/membrane_functions.hpp"
#include "snn/task_queue.hpp"
#include "snn/temporal_attention.hpp"
#include "snn/temporal_window.hpp"

namespace stac::snn {

namespace {

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

}  // namespace

std::unique_ptr<SpikingProjection> TemporalEngine::projection(SpikingLinear layer) const {
  require_valid(layer.inputs, layer.weight.columns);
  return std::make_unique<TemporalProjection>(std::move(layer), probe_);
}

std::unique_ptr<AttentionMemory> TemporalEngine::memory(const AttentionShape& shape) const {
  require_valid(shape);
  return temporal_memory(shape, probe_);
}

std::unique_ptr<Engine> make_temporal_engine(TemporalProbe& probe) { return std::make_unique<TemporalEngine>(probe); }

}  // namespace stac::snn
