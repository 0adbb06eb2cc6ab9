#include <algorithm>
#include <utility>
#include <vector>

#include "snn/fused_projection.hpp"
#include "snn/integer_product.hpp"
#include "snn/membrane_functions.hpp"
#include "snn/task_queue.hpp"

namespace stac::snn {

namespace {

constexpr std::int64_t kRowsOfTask = 64;  // whose codes stay in the second-level cache while the panels pass by
constexpr std::int64_t kPanelsOfTask = 8;

class WideProjection : public FusedProjection {
 public:
  WideProjection(std::shared_ptr<const CodeTable> table, const SpikingLinear& layer)
      : FusedProjection(std::move(table), layer), pairs_((layer.weight.columns + 1) / 2) {
    panels_.resize(panel_count() * panel_size());
    layer.weight.mantissa.visit([this](const auto* mantissas) {
      for_each_task(panel_count(), [&](std::int64_t p) { lay_out(p, mantissas); });
    });
  }

 protected:
  void multiply(const EncodedRows& codes, const std::vector<float>& row_units, float* currents) const override {
    const std::int64_t rows = codes.rows();
    const std::int64_t groups = (panel_count() + kPanelsOfTask - 1) / kPanelsOfTask;
    const std::int64_t blocks = (rows + kRowsOfTask - 1) / kRowsOfTask;
    run_tasks(blocks * groups, [&] {
      return [&, sums = std::vector<std::int64_t>(std::min(rows, kRowsOfTask) * kPanelOutputs)](
                 std::int64_t task) mutable {
        const std::int64_t first = task / groups * kRowsOfTask;
        const std::int64_t taken = std::min(kRowsOfTask, rows - first);
        const std::int64_t panel = task % groups * kPanelsOfTask;
        for (std::int64_t p = panel; p < std::min(panel + kPanelsOfTask, panel_count()); ++p) {
          codes.multiply(panels_.data() + p * panel_size(), Slices::two, pairs_, first, taken, sums);
          read_panel(p, sums, row_units, first, taken, currents);
        }
      };
    });
  }

 private:
  [[nodiscard]] std::int64_t panel_count() const { return (outputs() + kPanelOutputs - 1) / kPanelOutputs; }
  [[nodiscard]] std::int64_t panel_size() const { return pairs_ * pair_elements(Slices::two); }

  template <typename Integer>
  void lay_out(std::int64_t panel, const Integer* mantissas) {
    const std::int64_t first = panel * kPanelOutputs, last = std::min(first + kPanelOutputs, outputs());
    for (std::int64_t o = first; o < last; ++o) {
      for (std::int64_t j = 0; j < inputs(); ++j) {
        store_mantissa(panels_.data() + panel * panel_size(), Slices::two, o - first, j, mantissas[o * inputs() + j]);
      }
    }
  }

  void read_panel(std::int64_t panel, const std::vector<std::int64_t>& sums, const std::vector<float>& row_units,
                  std::int64_t first_row, std::int64_t rows, float* currents) const {
    const std::int64_t first = panel * kPanelOutputs;
    const std::int64_t lanes = std::min(kPanelOutputs, outputs() - first);
    for (std::int64_t r = 0; r < rows; ++r) {
      float* const row = currents + (first_row + r) * outputs() + first;
      const double row_unit = row_units[first_row + r];
      for (std::int64_t lane = 0; lane < lanes; ++lane) {
        row[lane] = read_out(sums[r * kPanelOutputs + lane], row_unit * unit()[first + lane], bias()[first + lane]);
      }
    }
  }

  std::int64_t pairs_;
  std::vector<std::int16_t> panels_;
};

}  // namespace

std::unique_ptr<FusedProjection> wide_projection(std::shared_ptr<const CodeTable> table, const SpikingLinear& layer) {
  return std::make_unique<WideProjection>(std::move(table), layer);
}

}  // namespace stac::snn
