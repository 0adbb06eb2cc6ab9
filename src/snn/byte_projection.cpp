#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "snn/byte_tiles.hpp"
#include "snn/fused_projection.hpp"
#include "snn/huge_pages.hpp"
#include "snn/membrane_functions.hpp"
#include "snn/task_queue.hpp"

namespace stac::snn {

namespace {

constexpr std::int64_t kRowsOfTask = kMostQuadTiles * kByteRows;
constexpr std::int64_t kBytesOfTask = 32768;  // of weights, at least: less would not pay for taking the task
constexpr std::int64_t kPanelsInOrder = 8, kTasksOfThread = 3;

using Sums = std::array<std::int32_t, kByteRows * kByteOutputs>;
using LongSums = std::array<std::int64_t, kByteRows * kByteOutputs>;

class ByteProjection : public FusedProjection {
 public:
  ByteProjection(std::shared_ptr<const CodeTable> table, const SpikingLinear& layer)
      : FusedProjection(std::move(table), layer),
        pairs_((layer.weight.columns + 1) / 2),
        panels_(static_cast<std::size_t>(panel_count() * panel_size())) {
    const at::Tensor bytes = layer.weight.mantissa.tensor().to(at::kChar);  // not copied where they are bytes
    const std::int8_t* const weights = bytes.data_ptr<std::int8_t>();
    for_each_task(panel_count(), [&](std::int64_t p) {
      pack_byte_panel(weights + p * kByteOutputs * inputs(), lanes_of(p), inputs(), panels_.data() + p * panel_size());
    });
  }

 protected:
  void multiply(const EncodedRows& codes, const std::vector<float>& row_units, float* currents) const override {
    const std::int64_t rows = codes.rows();
    const std::int64_t panels = panels_of_task();
    const std::int64_t groups = (panel_count() + panels - 1) / panels;
    const std::int64_t blocks = (rows + kRowsOfTask - 1) / kRowsOfTask;
    const bool fits = codes.slices() == 1 && pairs_ <= byte_pairs_that_fit(codes.largest_of_slice());
    const ByteTiles tiles(codes, fits);
    for_each_task(blocks * groups, [&](std::int64_t task) {
      const std::int64_t first = task / groups * kRowsOfTask, last = std::min(first + kRowsOfTask, rows);
      const std::int64_t panel = task % groups * panels, end = std::min(panel + panels, panel_count());
      for (std::int64_t p = panel; p < end; ++p) {
        if (fits) {
          multiply_short(p, p + 1 < end, tiles, first, last, row_units.data(), currents);
          continue;
        }
        for (std::int64_t r = first; r < last; r += kByteRows) {
          const std::int64_t taken = std::min(kByteRows, last - r);
          multiply_long(p, codes, r, taken, row_units.data() + r, currents + r * outputs());
        }
      }
    });
  }

 private:
  [[nodiscard]] std::int64_t panel_count() const { return (outputs() + kByteOutputs - 1) / kByteOutputs; }
  [[nodiscard]] std::int64_t panel_size() const { return pairs_ * kBytePair; }
  [[nodiscard]] std::int64_t lanes_of(std::int64_t panel) const {
    return std::min(kByteOutputs, outputs() - panel * kByteOutputs);
  }

  // A thread takes a few panels in order, for it fetches the next one while it works; not too many, for no core to wait
  // for the other in the end.
  [[nodiscard]] std::int64_t panels_of_task() const {
    const std::int64_t least = std::max<std::int64_t>(kBytesOfTask / panel_size(), 1);
    return std::max(least, std::min(kPanelsInOrder, panel_count() / (kTasksOfThread * pool_threads())));
  }

  // Sums of 32 bits hold the products with all inputs.
  void multiply_short(std::int64_t panel, bool goes_on, const ByteTiles& tiles, std::int64_t first_row,
                      std::int64_t last_row, const float* row_units, float* currents) const {
    alignas(64) std::array<std::int32_t, kRowsOfTask * kByteOutputs> sums;
    const std::int8_t* const weights = panels_.data() + panel * panel_size();
    const std::int8_t* const next = goes_on ? weights + panel_size() : nullptr;
    tiles.multiply(first_row / kByteRows, (last_row + kByteRows - 1) / kByteRows, weights, next, sums.data());
    const std::int64_t first = panel * kByteOutputs;
    for (std::int64_t r = first_row; r < last_row; ++r) {
      read_out_row(sums.data() + (r - first_row) * kByteOutputs, lanes_of(panel), row_units[r], unit() + first,
                   bias() + first, currents + r * outputs() + first);
    }
  }

  // They hold those with some, which are put together in 64 bits.
  void multiply_long(std::int64_t panel, const EncodedRows& codes, std::int64_t first_row, std::int64_t rows,
                     const float* row_units, float* currents) const {
    LongSums sums{};
    for (int index = codes.slices() - 1; index >= 0; --index) {  // Horner, the highest slice first
      for (std::int64_t& sum : sums) sum <<= EncodedRows::kSliceBits;
      add_slice(panel, codes, index, first_row, rows, sums);
    }
    const std::int64_t first = panel * kByteOutputs;
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t lane = 0; lane < lanes_of(panel); ++lane) {
        currents[r * outputs() + first + lane] =
            read_out(sums[r * kByteOutputs + lane], static_cast<double>(row_units[r]) * unit()[first + lane],
                     bias()[first + lane]);
      }
    }
  }

  void add_slice(std::int64_t panel, const EncodedRows& codes, int index, std::int64_t first_row, std::int64_t rows,
                 LongSums& sums) const {
    const std::int64_t block = byte_pairs_that_fit(codes.largest_of_slice());
    for (std::int64_t pair = 0; pair < pairs_; pair += block) {
      alignas(64) Sums some;
      multiply_bytes(
          panels_.data() + panel * panel_size() + pair * kBytePair,
          {codes.slice(index, first_row) + 2 * pair, codes.stride(), rows, nullptr, std::min(block, pairs_ - pair)},
          some.data());
      for (std::int64_t i = 0; i < rows * kByteOutputs; ++i) sums[i] += some[i];
    }
  }

  std::int64_t pairs_;
  HugePages<std::int8_t> panels_;
};

}  // namespace

std::unique_ptr<FusedProjection> byte_projection(std::shared_ptr<const CodeTable> table, const SpikingLinear& layer) {
  return std::make_unique<ByteProjection>(std::move(table), layer);
}

}  // namespace stac::snn
