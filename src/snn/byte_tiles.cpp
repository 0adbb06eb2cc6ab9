#include "snn/byte_tiles.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

namespace stac::snn {

namespace {

using Clock = std::chrono::steady_clock;

// How many pairs spike at least: those of the liveliest row if its silent windows stood in pairs.
std::int64_t least_spiking_pairs(const EncodedRows& codes, std::int64_t first, std::int64_t rows) {
  std::int64_t least = 0;
  for (std::int64_t r = first; r < first + rows; ++r) {
    least = std::max(least, (codes.stride() - static_cast<std::int64_t>(codes.silent(r))) / 2);
  }
  return least;
}

/// Seconds of one pass over panels that no cache holds.
class Pass {
 public:
  double seconds(const ByteCodes& codes) {
    std::vector<CodeQuad> quads(codes.rows * ((codes.count + 1) / 2));
    const CodeQuads packed = pack_quads(codes, quads.data());
    const bool by_quads = has_quad_product();
    double least = std::numeric_limits<double>::max();
    for (int turn = 0; turn < 3; ++turn) {
      const auto start = Clock::now();
      for (std::int64_t p = 0; p < kPanels; ++p) {
        const std::int8_t* const panel = panels_.data() + p * kPairs * kBytePair;
        if (by_quads) {
          multiply_quads(panel, {&packed, 1}, p + 1 < kPanels ? panel + kPairs * kBytePair : nullptr, sums_.data());
        } else {
          multiply_bytes(panel, codes, sums_.data());
        }
      }
      least = std::min(least, std::chrono::duration<double>(Clock::now() - start).count());
    }
    return least;
  }

  static constexpr std::int64_t kPairs = 512;

 private:
  static constexpr std::int64_t kPanels = 64;  // of 64 KiB

  std::vector<std::int8_t> panels_ = std::vector<std::int8_t>(kPanels * kPairs * kBytePair, 1);
  std::array<std::int32_t, kByteRows * kByteOutputs> sums_{};
};

std::array<double, kByteRows> measured_costs() {
  constexpr std::int64_t kListed = Pass::kPairs / 8;
  Pass pass;
  const std::vector<std::int16_t> codes(kByteRows * Pass::kPairs * 2, 1);
  std::vector<std::int32_t> listed(kListed);
  for (std::int64_t i = 0; i < kListed; ++i) listed[i] = static_cast<std::int32_t>(8 * i + i * i % 8);
  std::array<double, kByteRows> costs{};
  for (std::int64_t rows = 1; rows <= kByteRows; ++rows) {
    const double all = pass.seconds({codes.data(), 2 * Pass::kPairs, rows, nullptr, Pass::kPairs});
    const double some = pass.seconds({codes.data(), 2 * Pass::kPairs, rows, listed.data(), kListed});
    costs[rows - 1] = some / all * static_cast<double>(Pass::kPairs) / static_cast<double>(kListed);
  }
  return costs;
}

}  // namespace

double cost_of_listed_pair(std::int64_t rows) {
  static const std::array<double, kByteRows> costs = measured_costs();
  return costs[rows - 1];
}

ByteTiles::ByteTiles(const EncodedRows& codes, bool skip) {
  for (std::int64_t first = 0; first < codes.rows(); first += kByteRows) {
    const std::int64_t rows = std::min(kByteRows, codes.rows() - first), pairs = codes.stride() / 2;
    tiles_.push_back({codes.slice(0, first), codes.stride(), rows, nullptr, pairs});
    if (!skip) continue;
    const auto most = static_cast<std::int64_t>(static_cast<double>(pairs) / cost_of_listed_pair(rows));
    if (least_spiking_pairs(codes, first, rows) <= most) list_pairs(tiles_.back(), most);
  }
  if (codes.slices() == 1 && codes.largest_of_slice() <= kLargestQuadCode && has_quad_product()) pack();
}

void ByteTiles::multiply(std::int64_t first, std::int64_t last, const std::int8_t* panel, const std::int8_t* next,
                         std::int32_t* sums) const {
  if (!packed_.empty()) {
    return multiply_quads(panel, std::span(packed_).subspan(first, last - first), next, sums);
  }
  for (std::int64_t tile = first; tile < last; ++tile) {
    multiply_bytes(panel, tiles_[tile], sums + (tile - first) * kByteRows * kByteOutputs);
  }
}

void ByteTiles::pack() {
  const auto quads = [](const ByteCodes& tile) { return tile.rows * ((tile.count + 1) / 2); };
  quads_.resize(std::transform_reduce(tiles_.begin(), tiles_.end(), std::int64_t{0}, std::plus<>(), quads));
  CodeQuad* to = quads_.data();
  for (const ByteCodes& tile : tiles_) {
    packed_.push_back(pack_quads(tile, to));
    to += quads(tile);
  }
}

void ByteTiles::list_pairs(ByteCodes& tile, std::int64_t most) {
  const std::int64_t room = tile.count + kListSlack;
  std::vector<std::int32_t> pairs(room);
  std::vector<std::int16_t> codes(tile.rows * 2 * room);
  const std::int64_t count = list_spiking_pairs(tile, pairs.data(), codes.data(), 2 * room);
  if (count > most) return;  // leaving the others out would not pay
  pairs_.push_back(std::move(pairs));
  codes_.push_back(std::move(codes));
  tile = {codes_.back().data(), 2 * room, tile.rows, pairs_.back().data(), count};
}

}  // namespace stac::snn
