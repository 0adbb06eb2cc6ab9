// Membranes of a batch of rows as integer codes, laid out for accumulate_panel.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "snn/code_table.hpp"
#include "snn/gain_control.hpp"
#include "snn/integer_product.hpp"

namespace stac::snn {

/// Spikes of one encoded row, and its windows without any and at full scale.
struct RowSpikes {
  std::uint64_t spikes = 0;
  std::uint64_t silent = 0;
  std::uint64_t saturated = 0;

  RowSpikes& operator+=(const RowSpikes& other);
};

/// The integers that neurons under one scale speak, and their spikes.
/// @param code   with its dead zone, which `table` does not know
/// @param scale  0: all stay silent
RowSpikes encode_channels(const Code& code, const CodeTable& table, const float* membranes, std::int64_t n, float scale,
                          std::int32_t* codes);

/// [slices][rows][stride] codes of 16 bits. Codes past 14 bits take two slices: code = low + high * 2^12.
class EncodedRows {
 public:
  /// @param width  codes per row; rows are padded with zeros to pairs
  EncodedRows(const CodeTable& table, const Population& population, std::int64_t rows, std::int64_t width);

  /// Codes of one row times their groups' multipliers. Rows may be encoded concurrently.
  /// @param first      where in the row they begin; what they do not cover is silent and not counted
  /// @param membranes  [n], first + n <= width
  RowSpikes encode(std::int64_t row, std::int64_t first, const float* membranes, std::int64_t n, const RowGains& gains);

  /// sums[r][lane] = sum_j code[first + r][j] * mantissa[lane][j] for `rows` rows, the slices put together.
  /// @param panel  as accumulate_panel; pairs <= stride / 2
  /// @param sums   [at least rows, kPanelOutputs], overwritten
  void multiply(const std::int16_t* panel, Slices slices, std::int64_t pairs, std::int64_t first, std::int64_t rows,
                std::vector<std::int64_t>& sums) const;

  /// The same of a panel that comes in parts.
  /// @param part  of a first pair and a number of them, at most `most`: their panel, until it is called again
  template <typename Part>
  void multiply_parts(const Part& part, std::int64_t most, Slices slices, std::int64_t pairs, std::int64_t first,
                      std::int64_t rows, std::vector<std::int64_t>& sums) const {
    const std::int64_t flush_pairs = pairs_per_flush(largest_of_slice());
    std::fill_n(sums.begin(), rows * kPanelOutputs, 0);
    for (int index = slices_ - 1; index >= 0; --index) {  // Horner, the highest slice first
      if (index + 1 < slices_) {
        for (std::int64_t& sum : sums) sum <<= kSliceBits;
      }
      for (std::int64_t pair = 0; pair < pairs; pair += most) {
        const std::int64_t count = std::min(most, pairs - pair);
        accumulate_panel(part(pair, count), slices, count, slice(index, first) + 2 * pair, stride_, rows, flush_pairs,
                         sums.data());
      }
    }
  }

  /// Of a row's codes, [stride]. code = sum over slices of slice * 2^(kSliceBits * its index)
  [[nodiscard]] const std::int16_t* slice(int index, std::int64_t row) const {
    return codes_.get() + (index * rows_ + row) * stride_;
  }
  [[nodiscard]] int slices() const { return slices_; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t stride() const { return stride_; }
  /// Windows of a row without a spike.
  [[nodiscard]] std::uint64_t silent(std::int64_t row) const { return silent_[row]; }
  /// Magnitude that no slice exceeds.
  [[nodiscard]] std::int32_t largest_of_slice() const { return slices_ == 1 ? largest_ : 1 << kSliceBits; }

  static constexpr int kSliceBits = 12;

 private:
  void store(std::int64_t row, std::int64_t first, const std::vector<std::int32_t>& codes);

  const CodeTable* table_;
  const Population* population_;
  std::int32_t largest_;
  std::int64_t rows_;
  std::int64_t stride_;
  int slices_;
  std::unique_ptr<std::int16_t[]> codes_;  // rows are written as they are encoded
  std::vector<std::uint64_t> silent_;      // [rows]
};

}  // namespace stac::snn
