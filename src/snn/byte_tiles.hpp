// Rows of codes in tiles for multiply_quads or multiply_bytes. Where few pairs of inputs spike, a tile lists those that
// do, and the weights of the others are not read.
#pragma once
#include <cstdint>
#include <vector>

#include "snn/encoded_rows.hpp"
#include "snn/quad_product.hpp"

namespace stac::snn {

class ByteTiles {
 public:
  /// @param codes  in one slice; must outlive the tiles
  /// @param skip   whether tiles may list pairs
  ByteTiles(const EncodedRows& codes, bool skip);

  /// The products of the tiles first .. last - 1, kMostQuadTiles at most, with a panel.
  /// @param next  the panel that the caller multiplies next; null: none
  /// @param sums  [last - first, kByteRows, kByteOutputs], the first rows of each tile overwritten
  void multiply(std::int64_t first, std::int64_t last, const std::int8_t* panel, const std::int8_t* next,
                std::int32_t* sums) const;

 private:
  /// @param most  pairs that may be listed; with more of them the tile stays as it is
  void list_pairs(ByteCodes& tile, std::int64_t most);
  void pack();

  std::vector<ByteCodes> tiles_;
  std::vector<std::vector<std::int32_t>> pairs_;  // of those that list them
  std::vector<std::vector<std::int16_t>> codes_;
  std::vector<CodeQuads> packed_;  // the tiles, where the machine multiplies small codes faster; else empty
  std::vector<CodeQuad> quads_;
};

/// What a listed pair costs against one of all, measured on this machine when first asked for.
/// @param rows  1 .. kByteRows
[[nodiscard]] double cost_of_listed_pair(std::int64_t rows);

}  // namespace stac::snn
