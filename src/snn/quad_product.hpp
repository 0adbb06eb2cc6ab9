// The products of byte_product.hpp for codes whose magnitude takes eight bits, by the machine's own product of bytes
// where it has one.
#pragma once
#include <cstdint>
#include <span>

#include "snn/byte_product.hpp"

namespace stac::snn {

/// Codes of up to this magnitude fit CodeQuads.
inline constexpr std::int32_t kLargestQuadCode = 255;

/// Four codes, those of two pairs.
struct CodeQuad {
  std::uint8_t magnitudes[4];
  std::uint8_t signs[4];  ///< 0xff of a negative code, else 0
};

/// Codes of a few rows as multiply_quads reads them.
struct CodeQuads {
  const CodeQuad* quads = nullptr;        ///< [rows, (count + 1) / 2]; what an odd count lacks is 0
  std::int64_t rows = 0;                  ///< 1 .. kByteRows
  const std::int32_t* pairs = nullptr;    ///< [count], which pairs of the panel they meet; null: the first `count`
  std::int64_t count = 0;                 ///< of pairs
  std::int32_t negative[kByteRows] = {};  ///< of each row: the sum of the magnitudes of its negative codes
};

/// Whether multiply_quads is a kernel of its own on this machine, and not the plain loop.
[[nodiscard]] bool has_quad_product();

/// Lays out codes for multiply_quads.
/// @param codes  up to kLargestQuadCode in magnitude
/// @param quads  [rows, (count + 1) / 2], written
[[nodiscard]] CodeQuads pack_quads(const ByteCodes& codes, CodeQuad* quads);

/// Tiles of rows that one call takes at most: their part of a block stays in the first-level cache.
inline constexpr std::int64_t kMostQuadTiles = 16;

/// What multiply_bytes gives for the same codes of each tile. Tiles that list no pairs take the panel together, block
/// by block: it comes from memory once, each block while they multiply the one before.
/// @param tiles  1 .. kMostQuadTiles; those that list no pairs: of equally many
/// @param next   the panel that the caller multiplies next, whose first block is fetched, too; null: none
/// @param sums   [tiles, kByteRows, kByteOutputs], the first rows of each tile written
void multiply_quads(const std::int8_t* panel, std::span<const CodeQuads> tiles, const std::int8_t* next,
                    std::int32_t* sums);

}  // namespace stac::snn
