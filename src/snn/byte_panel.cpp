#include "snn/byte_panel.hpp"

#include <algorithm>

#include "snn/vector_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "snn/byte_panel.cpp"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stac::snn::HWY_NAMESPACE {

struct Range {
  std::int64_t first, last;
};

/// The plain loop, of some lanes and some of their inputs.
/// @param inputs  of a row of weights
/// @param taken   its first is even; an odd one behind the last pair is the row's last
void pack_some(const std::int8_t* weights, Range lanes, std::int64_t inputs, Range taken, std::int8_t* panel) {
  constexpr std::int64_t kBlock = 64;  // inputs: both sides of the transposition stay in the first-level cache
  for (std::int64_t first = taken.first; first < taken.last; first += kBlock) {
    const std::int64_t last = std::min(taken.last, first + kBlock);
    for (std::int64_t lane = lanes.first; lane < lanes.last; ++lane) {
      const std::int8_t* const row = weights + lane * inputs;
      std::int8_t* const to = panel + lane * 2;
      std::int64_t j = first;
      for (; j + 2 <= last; j += 2) std::copy_n(row + j, 2, to + j / 2 * kBytePair);
      if (j < last) to[j / 2 * kBytePair] = row[j];
    }
  }
}

#if HWY_TARGET == HWY_SCALAR

void PackBytes(const std::int8_t* weights, std::int64_t outputs, std::int64_t inputs, std::int8_t* panel) {
  pack_some(weights, {0, outputs}, inputs, {0, inputs}, panel);
}

#else

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::int64_t kSide = 8;  // of a square of pairs and outputs that registers transpose

// to[pair][output] = from[output][pair]
HWY_INLINE void transpose(const std::int8_t* from, std::int64_t stride, std::int8_t* to) {
  const hn::Full128<std::int8_t> bytes;
  const hn::Full128<std::uint16_t> pairs;
  const hn::Full128<std::uint32_t> twos;
  const hn::Full128<std::uint64_t> fours;
  hn::Vec<decltype(pairs)> rows[kSide];
#pragma GCC unroll 8
  for (int i = 0; i < kSide; ++i) rows[i] = hn::BitCast(pairs, hn::LoadU(bytes, from + i * stride));
  hn::Vec<decltype(twos)> of_two[kSide];  // outputs; one half of the pairs, then the other
#pragma GCC unroll 8
  for (int i = 0; i < kSide; ++i) {
    const auto a = rows[i / 2 * 2], b = rows[i / 2 * 2 + 1];
    of_two[i] = hn::BitCast(twos, i % 2 == 0 ? hn::InterleaveLower(a, b) : hn::InterleaveUpper(pairs, a, b));
  }
  hn::Vec<decltype(fours)> of_four[kSide];  // outputs; quarter by quarter of the pairs
#pragma GCC unroll 8
  for (int i = 0; i < kSide; ++i) {
    const int first = i / 4 * 4 + i % 4 / 2;
    const auto a = of_two[first], b = of_two[first + 2];
    of_four[i] = hn::BitCast(fours, i % 2 == 0 ? hn::InterleaveLower(a, b) : hn::InterleaveUpper(twos, a, b));
  }
#pragma GCC unroll 8
  for (int i = 0; i < kSide; ++i) {
    const auto a = of_four[i / 2], b = of_four[i / 2 + 4];
    const auto all = i % 2 == 0 ? hn::InterleaveLower(a, b) : hn::InterleaveUpper(fours, a, b);
    hn::StoreU(hn::BitCast(bytes, all), bytes, to + i * kBytePair);
  }
}

void PackBytes(const std::int8_t* weights, std::int64_t outputs, std::int64_t inputs, std::int8_t* panel) {
  constexpr std::int64_t kLine = 64, kStep = 2 * kSide;  // inputs: each row's line of the cache is taken whole
  const std::int64_t lanes = outputs / kSide * kSide, whole = inputs / kStep * kStep;
  for (std::int64_t line = 0; line < whole; line += kLine) {
    for (std::int64_t lane = 0; lane < lanes; lane += kSide) {
      for (std::int64_t j = line; j < std::min(line + kLine, whole); j += kStep) {
        transpose(weights + lane * inputs + j, inputs, panel + j / 2 * kBytePair + lane * 2);
      }
    }
  }
  pack_some(weights, {0, lanes}, inputs, {whole, inputs}, panel);
  pack_some(weights, {lanes, outputs}, inputs, {0, inputs}, panel);
}

#endif

}  // namespace stac::snn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stac::snn {

HWY_EXPORT(PackBytes);

void pack_byte_panel(const std::int8_t* weights, std::int64_t outputs, std::int64_t inputs, std::int8_t* panel) {
  const bool filled = outputs == kByteOutputs && inputs % 2 == 0;
  if (!filled) std::fill_n(panel, (inputs + 1) / 2 * kBytePair, std::int8_t{0});
  HWY_DYNAMIC_DISPATCH(PackBytes)(weights, outputs, inputs, panel);
}

}  // namespace stac::snn
#endif
