// Membranes of a batch of rows as integer codes, laid out for accumulate_panel.
#pragma once
#include <cstdint>
#include <vector>

#include "snn/code_table.hpp"

namespace stac::snn {

/// Spikes and silent windows of one encoded row.
struct RowSpikes {
  std::uint64_t spikes = 0;
  std::uint64_t silent = 0;
};

/// The integers that the neurons of one row speak under one scale.
/// @param scale  > 0
void encode_row(const CodeTable& table, const float* membranes, std::int64_t n, float scale, std::int32_t* codes);

/// [slices][rows][stride] codes of 16 bits. Codes past 14 bits take two slices: code = low + high * 2^12.
class EncodedRows {
 public:
  /// @param width  codes per row; rows are padded with zeros to pairs
  EncodedRows(const CodeTable& table, std::int64_t rows, std::int64_t width);

  /// Codes of one row under one scale (0: silent). Rows may be encoded concurrently.
  /// @param membranes  [n], n <= width; the rest of the row is silent and not counted
  RowSpikes encode(std::int64_t row, const float* membranes, std::int64_t n, float scale);

  /// sums[r][lane] = sum_j code[r][j] * mantissa[lane][j], the slices put together.
  /// @param panel  as accumulate_panel; pairs <= stride / 2
  /// @param sums   [rows, kPanelOutputs], overwritten
  void multiply(const std::int16_t* panel, std::int64_t pairs, std::vector<std::int64_t>& sums) const;

 private:
  static constexpr int kSliceBits = 12;

  const CodeTable* table_;
  std::int64_t rows_;
  std::int64_t stride_;
  int slices_;
  std::vector<std::int16_t> codes_;
};

}  // namespace stac::snn
