#include "snn/quad_product.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include "snn/vector_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "snn/quad_product.cpp"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "snn/pair_products.hpp"

HWY_BEFORE_NAMESPACE();
#if HWY_TARGET == HWY_AVX3_DL && HWY_COMPILER_GCC_ACTUAL
#pragma GCC target("avx512vnni")  // the target has it, but Highway 1.0.3 does not say so to the compiler
#endif
namespace stac::snn::HWY_NAMESPACE {

#if HWY_TARGET != HWY_AVX3_DL || !HWY_COMPILER_GCC_ACTUAL

bool HasQuadProduct() { return false; }

// The plain loop: what the machine's own product must equal.
void multiply_tile(const std::int8_t* panel, const CodeQuads& codes, std::int32_t* sums) {
  const std::int64_t quads = (codes.count + 1) / 2;
  for (std::int64_t r = 0; r < codes.rows; ++r) {
    std::int32_t* const row = sums + r * kByteOutputs;
    std::fill_n(row, kByteOutputs, 0);
    for (std::int64_t j = 0; j < 2 * codes.count; ++j) {
      const CodeQuad& quad = codes.quads[r * quads + j / 4];
      const std::int32_t code = quad.signs[j % 4] != 0 ? -quad.magnitudes[j % 4] : quad.magnitudes[j % 4];
      const std::int8_t* const weights = panel + (codes.pairs ? codes.pairs[j / 2] : j / 2) * kBytePair + j % 2;
      for (std::int64_t lane = 0; lane < kByteOutputs; ++lane) row[lane] += code * weights[2 * lane];
    }
  }
}

void MultiplyQuads(const std::int8_t* panel, std::span<const CodeQuads> tiles, const std::int8_t* /*next*/,
                   std::int32_t* sums) {
  for (std::size_t t = 0; t < tiles.size(); ++t) multiply_tile(panel, tiles[t], sums + t * kByteRows * kByteOutputs);
}

#else

constexpr int kVectors = 4;  // of a panel's 64 outputs
constexpr std::int64_t kLine = 64;
// A block's weights, and what a few tiles have for them, stay in the first-level cache.
constexpr std::int64_t kQuadsOfBlock = 32;
constexpr std::int64_t kBytesOfQuad = 2 * kBytePair, kLinesOfQuad = kBytesOfQuad / kLine;

bool HasQuadProduct() { return true; }

HWY_INLINE __m512i in_every_lane(const std::uint8_t (&four)[4]) {
  std::int32_t all;
  std::memcpy(&all, four, sizeof all);
  return _mm512_set1_epi32(all);
}

// Two pairs become quads within the 128-bit blocks of a vector, where 8 outputs of a pair stand: the first of two
// vectors gets the outputs 0 .. 3 of every 8, the second 4 .. 7.
HWY_INLINE void load_quad(const std::int8_t* first, const std::int8_t* second, __m512i (&weight)[kVectors]) {
#pragma GCC unroll 2
  for (int half = 0; half < 2; ++half) {
    const __m512i a = _mm512_loadu_si512(first + half * 64), b = _mm512_loadu_si512(second + half * 64);
    weight[2 * half] = _mm512_unpacklo_epi16(a, b);
    weight[2 * half + 1] = _mm512_unpackhi_epi16(a, b);
  }
}

// The machine multiplies unsigned by signed bytes. The sign of a code goes to the weights, whose bits it turns:
// ~w = -w - 1, so a negative code's magnitude m gives m (-w - 1) = code w - m, and `negative` makes up for the m.
HWY_INLINE void add_quad(const __m512i (&weight)[kVectors], const CodeQuad& quad, __m512i (&acc)[kVectors]) {
  const __m512i magnitudes = in_every_lane(quad.magnitudes), signs = in_every_lane(quad.signs);
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    acc[v] = _mm512_dpbusd_epi32(acc[v], magnitudes, _mm512_xor_si512(weight[v], signs));
  }
}

// Sums of 64 outputs, from the order of load_quad's vectors to that of the outputs.
HWY_INLINE void store_sums(const __m512i (&acc)[kVectors], std::int32_t negative, std::int32_t* sums) {
  const __m512i lower = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11),
                upper = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
  const __m512i missing = _mm512_set1_epi32(negative);
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const __m512i sum = _mm512_permutex2var_epi64(acc[v / 2 * 2], v % 2 == 0 ? lower : upper, acc[v / 2 * 2 + 1]);
    _mm512_storeu_si512(sums + v * 16, _mm512_add_epi32(sum, missing));
  }
}

// Calls `function` with a number of 0 .. 4 as a constant: loops over so many rows or lines are unrolled.
template <typename Function>
HWY_INLINE void with_constant(std::int64_t number, const Function& function) {
  switch (number) {
    case 0:
      return function(std::integral_constant<int, 0>());
    case 1:
      return function(std::integral_constant<int, 1>());
    case 2:
      return function(std::integral_constant<int, 2>());
    case 3:
      return function(std::integral_constant<int, 3>());
    default:
      return function(std::integral_constant<int, 4>());
  }
}

// A tile that lists its pairs reads their weights alone.
template <int kRows>
void multiply_listed(const std::int8_t* panel, const CodeQuads& codes, std::int32_t* sums) {
  __m512i acc[kRows][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kRows * kVectors; ++i) acc[i / kVectors][i % kVectors] = _mm512_setzero_si512();
  const auto weights = [&](std::int64_t i) { return panel + codes.pairs[std::min(i, codes.count - 1)] * kBytePair; };
  const std::int64_t quads = (codes.count + 1) / 2;
  for (std::int64_t q = 0; q < quads; ++q) {
    __m512i weight[kVectors];
    load_quad(weights(2 * q), weights(2 * q + 1), weight);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) add_quad(weight, codes.quads[r * quads + q], acc[r]);
  }
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) store_sums(acc[r], codes.negative[r], sums + r * kByteOutputs);
}

// What one pass over a block fetches meanwhile.
struct Fetch {
  const std::int8_t* from;
  std::int64_t lines;  // with every quad
};

// The block behind this one, shared out among the passes over this one: memory has all their time for it.
class NextBlock {
 public:
  // block: null where nothing follows
  NextBlock(const std::int8_t* block, std::int64_t passes)
      : from_(block),
        end_(block == nullptr ? nullptr : block + kQuadsOfBlock * kBytesOfQuad),
        lines_((kLinesOfQuad + passes - 1) / passes) {}

  Fetch share(std::int64_t quads) {
    if (from_ >= end_) return {nullptr, 0};
    const Fetch fetch{from_, lines_};
    from_ += quads * lines_ * kLine;
    return fetch;
  }

 private:
  const std::int8_t *from_, *end_;
  std::int64_t lines_;
};

// A tile of rows that takes a panel block by block. Its sums are in the order of load_quad's vectors meanwhile.
struct SharingTile {
  const CodeQuads* codes;
  std::int32_t* sums;
};

// sums += the products of the quads first .. last - 1; with each, so many lines from `fetch` on come nearer
template <int kRows, int kLines>
void add_block(const std::int8_t* panel, SharingTile tile, std::int64_t first, std::int64_t last,
               const std::int8_t* fetch) {
  const CodeQuads& codes = *tile.codes;
  __m512i acc[kRows][kVectors];
  const auto place = [tile](int i) { return tile.sums + i / kVectors * kByteOutputs + i % kVectors * 16; };
#pragma GCC unroll 16
  for (int i = 0; i < kRows * kVectors; ++i) acc[i / kVectors][i % kVectors] = _mm512_loadu_si512(place(i));
  const std::int64_t quads = (codes.count + 1) / 2;
  for (std::int64_t q = first; q < last; ++q) {
#pragma GCC unroll 4
    for (int line = 0; line < kLines; ++line) hwy::Prefetch(fetch + line * kLine);
    fetch += kLines * kLine;
    __m512i weight[kVectors];
    load_quad(panel + 2 * q * kBytePair, panel + std::min(2 * q + 1, codes.count - 1) * kBytePair, weight);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) add_quad(weight, codes.quads[r * quads + q], acc[r]);
  }
#pragma GCC unroll 16
  for (int i = 0; i < kRows * kVectors; ++i) _mm512_storeu_si512(place(i), acc[i / kVectors][i % kVectors]);
}

void finish(SharingTile tile) {
  for (std::int64_t r = 0; r < tile.codes->rows; ++r) {
    std::int32_t* const row = tile.sums + r * kByteOutputs;
    __m512i acc[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) acc[v] = _mm512_loadu_si512(row + v * 16);
    store_sums(acc, tile.codes->negative[r], row);
  }
}

void multiply_sharing(const std::int8_t* panel, std::span<const SharingTile> tiles, const std::int8_t* next) {
  for (const SharingTile& tile : tiles) std::fill_n(tile.sums, tile.codes->rows * kByteOutputs, 0);
  const std::int64_t quads = (tiles.front().codes->count + 1) / 2;
  for (std::int64_t first = 0; first < quads; first += kQuadsOfBlock) {
    const std::int64_t last = std::min(first + kQuadsOfBlock, quads);
    NextBlock following(last < quads ? panel + last * kBytesOfQuad : next, std::ssize(tiles));
    for (const SharingTile& tile : tiles) {
      const Fetch fetch = following.share(last - first);
      with_constant(tile.codes->rows, [&](auto rows) {
        with_constant(fetch.lines, [&](auto lines) {
          if constexpr (rows() > 0) add_block<rows(), lines()>(panel, tile, first, last, fetch.from);
        });
      });
    }
  }
  std::ranges::for_each(tiles, finish);
}

void MultiplyQuads(const std::int8_t* panel, std::span<const CodeQuads> tiles, const std::int8_t* next,
                   std::int32_t* sums) {
  std::array<SharingTile, kMostQuadTiles> sharing;
  std::size_t count = 0;
  for (const CodeQuads& tile : tiles) {
    if (tile.pairs == nullptr) {
      sharing[count++] = {&tile, sums};
    } else {
      with_constant(tile.rows, [&](auto rows) {
        if constexpr (rows() > 0) multiply_listed<rows()>(panel, tile, sums);
      });
    }
    sums += kByteRows * kByteOutputs;
  }
  if (count > 0) multiply_sharing(panel, std::span(sharing).first(count), next);
}

#endif

std::int32_t pack_quad(const std::int16_t* codes, std::int64_t n, CodeQuad& quad) {
  std::int32_t negative = 0;
  for (std::int64_t j = 0; j < 4; ++j) {
    const std::int32_t code = j < n ? codes[j] : 0;
    quad.magnitudes[j] = static_cast<std::uint8_t>(std::abs(code));
    quad.signs[j] = code < 0 ? 0xff : 0;
    negative -= std::min(code, 0);
  }
  return negative;
}

// One row of n codes; returns the sum of the magnitudes of the negative ones.
std::int32_t PackQuads(const std::int16_t* codes, std::int64_t n, CodeQuad* quads) {
  std::int64_t j = 0;
  std::int32_t negative = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::CappedTag<std::int16_t, 32> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const hn::Rebind<std::int8_t, decltype(d)> signed_bytes;
  const hn::Repartition<std::uint32_t, decltype(bytes)> fours;
  const hn::Repartition<std::int32_t, decltype(d)> sums;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto sum = hn::Zero(sums);
  for (; j + lanes <= n; j += lanes) {
    const auto code = hn::LoadU(d, codes + j);
    const auto sign = hn::ShiftRight<15>(code), magnitude = hn::Abs(code);
    hn::StoreInterleaved2(hn::BitCast(fours, hn::DemoteTo(bytes, magnitude)),
                          hn::BitCast(fours, hn::DemoteTo(signed_bytes, sign)), fours,
                          reinterpret_cast<std::uint32_t*>(quads + j / 4));
    sum = add_pair_products(code, sign, sum);
  }
  negative = hn::GetLane(hn::SumOfLanes(sums, sum));
#endif
  for (; j < n; j += 4) negative += pack_quad(codes + j, n - j, quads[j / 4]);
  return negative;
}

}  // namespace stac::snn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stac::snn {

HWY_EXPORT(HasQuadProduct);
HWY_EXPORT(MultiplyQuads);
HWY_EXPORT(PackQuads);

bool has_quad_product() { return HWY_DYNAMIC_DISPATCH(HasQuadProduct)(); }

CodeQuads pack_quads(const ByteCodes& codes, CodeQuad* quads) {
  CodeQuads packed{quads, codes.rows, codes.pairs, codes.count};
  for (std::int64_t r = 0; r < codes.rows; ++r) {
    packed.negative[r] = HWY_DYNAMIC_DISPATCH(PackQuads)(codes.codes + r * codes.stride, 2 * codes.count,
                                                         quads + r * ((codes.count + 1) / 2));
  }
  return packed;
}

void multiply_quads(const std::int8_t* panel, std::span<const CodeQuads> tiles, const std::int8_t* next,
                    std::int32_t* sums) {
  HWY_DYNAMIC_DISPATCH(MultiplyQuads)(panel, tiles, next, sums);
}

}  // namespace stac::snn
#endif
