#include <ATen/Parallel.h>

#include <atomic>
#include <cmath>

#include "snn/encoded_rows.hpp"
#include "snn/fused_engine.hpp"
#include "snn/integer_product.hpp"
#include "snn/membrane_functions.hpp"
#include "snn/task_queue.hpp"

namespace stac::snn {

namespace {

constexpr int kNarrowBits = 7;
constexpr std::int64_t kRowsOfTask = 64;
constexpr std::int64_t kPanelsOfTask = 8;

/// @tparam Element  of its panels: std::int8_t for weights of seven bits and a sign, else std::int16_t
template <typename Element>
class FusedProjection : public SpikingProjection {
 public:
  FusedProjection(std::shared_ptr<const CodeTable> table, SpikingLinear layer)
      : table_(std::move(table)),
        population_(std::move(layer.inputs)),
        inputs_(layer.weight.columns),
        outputs_(layer.weight.rows),
        pairs_((layer.weight.columns + 1) / 2),
        unit_(std::move(layer.weight.unit)),
        bias_(std::move(layer.bias)) {
    panels_.resize(panel_count() * pairs_ * kPairElements<Element>);
    at::parallel_for(0, outputs_, 64, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t o = begin; o < end; ++o) {
        Element* const panel = panels_.data() + o / kPanelOutputs * pairs_ * kPairElements<Element>;
        const std::int32_t* const mantissa = layer.weight.mantissa.data() + o * inputs_;
        for (std::int64_t j = 0; j < inputs_; ++j) store_mantissa(panel, o % kPanelOutputs, j, mantissa[j]);
      }
    });
  }

  SiteCounts run(const float* membranes, std::int64_t rows, float* currents) const override {
    EncodedRows codes(*table_, population_, rows, inputs_);
    std::vector<float> units(rows);
    std::atomic<std::uint64_t> spikes{0};
    std::atomic<std::uint64_t> silent{0};
    std::atomic<std::uint64_t> saturated{0};
    at::parallel_for(0, rows, 8, [&](std::int64_t begin, std::int64_t end) {
      std::vector<float> scratch;
      for (std::int64_t r = begin; r < end; ++r) {
        const float* const row = in_profile_units(population_, membranes + r * inputs_, inputs_, scratch);
        const RowGains gains = row_gains(population_, row, inputs_);
        units[r] = gains.unit;
        const RowSpikes counted = codes.encode(r, 0, row, inputs_, gains);
        spikes += counted.spikes;
        silent += counted.silent;
        saturated += counted.saturated;
      }
    });
    multiply(codes, units, rows, currents);
    const auto fan_out = static_cast<std::uint64_t>(outputs_);
    const auto windows = static_cast<std::uint64_t>(rows * inputs_);
    return {windows * fan_out, windows, silent, spikes, spikes * fan_out, saturated};
  }

 private:
  [[nodiscard]] std::int64_t panel_count() const { return (outputs_ + kPanelOutputs - 1) / kPanelOutputs; }

  // Rows in blocks whose codes stay in the second-level cache while the panels pass by.
  void multiply(const EncodedRows& codes, const std::vector<float>& units, std::int64_t rows, float* currents) const {
    const std::int64_t groups = (panel_count() + kPanelsOfTask - 1) / kPanelsOfTask;
    const std::int64_t blocks = (rows + kRowsOfTask - 1) / kRowsOfTask;
    run_tasks(blocks * groups, [&] {
      return [&, sums = std::vector<std::int64_t>(std::min(rows, kRowsOfTask) * kPanelOutputs)](
                 std::int64_t task) mutable {
        const std::int64_t first = task / groups * kRowsOfTask;
        const std::int64_t taken = std::min(kRowsOfTask, rows - first);
        const std::int64_t panel = task % groups * kPanelsOfTask;
        for (std::int64_t p = panel; p < std::min(panel + kPanelsOfTask, panel_count()); ++p) {
          codes.multiply(panels_.data() + p * pairs_ * kPairElements<Element>, pairs_, first, taken, sums);
          read_panel(p, sums, units, first, taken, currents);
        }
      };
    });
  }

  void read_panel(std::int64_t panel, const std::vector<std::int64_t>& sums, const std::vector<float>& units,
                  std::int64_t first_row, std::int64_t rows, float* currents) const {
    const std::int64_t first = panel * kPanelOutputs;
    const std::int64_t lanes = std::min(kPanelOutputs, outputs_ - first);
    for (std::int64_t r = 0; r < rows; ++r) {
      float* const row = currents + (first_row + r) * outputs_ + first;
      const double unit = units[first_row + r];
      for (std::int64_t lane = 0; lane < lanes; ++lane) {
        row[lane] = read_out(sums[r * kPanelOutputs + lane], unit * unit_[first + lane], bias_[first + lane]);
      }
    }
  }

  std::shared_ptr<const CodeTable> table_;
  Population population_;
  std::int64_t inputs_;
  std::int64_t outputs_;
  std::int64_t pairs_;
  std::vector<double> unit_;  // [outputs], of the weight's integer step
  std::vector<double> bias_;
  std::vector<Element> panels_;
};

}  // namespace

std::unique_ptr<SpikingProjection> FusedEngine::projection(SpikingLinear layer) const {
  require_valid(layer.inputs, layer.weight.columns);
  if (layer.weight.bits <= kNarrowBits) {
    return std::make_unique<FusedProjection<std::int8_t>>(table(layer.inputs.code), std::move(layer));
  }
  return std::make_unique<FusedProjection<std::int16_t>>(table(layer.inputs.code), std::move(layer));
}

}  // namespace stac::snn
