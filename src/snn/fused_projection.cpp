#include "snn/fused_projection.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "snn/fused_engine.hpp"
#include "snn/gain_control.hpp"
#include "snn/task_queue.hpp"

namespace stac::snn {

namespace {

constexpr int kByteBits = 7;
constexpr std::int64_t kRowsOfTask = 4;

}  // namespace

FusedProjection::FusedProjection(std::shared_ptr<const CodeTable> table, const SpikingLinear& layer)
    : table_(std::move(table)),
      population_(layer.inputs),
      inputs_(layer.weight.columns),
      outputs_(layer.weight.rows),
      unit_(layer.weight.unit),
      bias_(layer.bias) {}

void FusedProjection::time_with(KernelClock& clock, Kernel before) {
  clock_ = &clock;
  before_ = before;
}

SiteCounts FusedProjection::run(const float* membranes, std::int64_t rows, float* currents) const {
  const auto lap = [this](Kernel kernel) {
    if (clock_) clock_->lap(kernel);
  };
  lap(before_);
  EncodedRows codes(*table_, population_, rows, inputs_);
  std::vector<float> units(rows);
  std::atomic<std::uint64_t> spikes{0}, silent{0}, saturated{0};
  for_each_task((rows + kRowsOfTask - 1) / kRowsOfTask, [&](std::int64_t task) {
    std::vector<float> scratch;
    RowSpikes counted;
    for (std::int64_t r = task * kRowsOfTask; r < std::min(rows, (task + 1) * kRowsOfTask); ++r) {
      const float* const row = in_profile_units(population_, membranes + r * inputs_, inputs_, scratch);
      const RowGains gains = row_gains(population_, row, inputs_);
      units[r] = gains.unit;
      counted += codes.encode(r, 0, row, inputs_, gains);
    }
    spikes += counted.spikes;
    silent += counted.silent;
    saturated += counted.saturated;
  });
  lap(Kernel::encode);
  multiply(codes, units, currents);
  lap(Kernel::product);
  const auto fan_out = static_cast<std::uint64_t>(outputs_);
  const auto windows = static_cast<std::uint64_t>(rows * inputs_);
  return {windows * fan_out, windows, silent, spikes, spikes * fan_out, saturated, silent * fan_out};
}

std::unique_ptr<SpikingProjection> FusedEngine::projection(SpikingLinear layer) const {
  return fused_projection(layer);
}

std::unique_ptr<FusedProjection> FusedEngine::fused_projection(const SpikingLinear& layer) const {
  require_valid(layer.inputs, layer.weight.columns);
  const auto codes = table(layer.inputs.code);
  return layer.weight.bits <= kByteBits ? byte_projection(codes, layer) : wide_projection(codes, layer);
}

}  // namespace stac::snn
