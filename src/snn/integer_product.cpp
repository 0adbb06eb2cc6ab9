#include "snn/integer_product.hpp"

#include <algorithm>
#include <cstring>

#include "stac/snn/kernel_info.hpp"

// Arrays of vectors need vectors of a known size.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "snn/integer_product.cpp"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stac::snn::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

std::int64_t mantissa_at(const std::int16_t* panel, std::int64_t lane, std::int64_t input) {
  const std::int16_t* const high = panel + panel_offset<std::int16_t>(lane, input);
  return high[0] * (std::int64_t{1} << 15) + high[kPanelOutputs * 2];
}
std::int64_t mantissa_at(const std::int8_t* panel, std::int64_t lane, std::int64_t input) {
  return panel[panel_offset<std::int8_t>(lane, input)];
}

// The plain loop: what every vector target must equal.
template <typename Element>
void accumulate(const Element* panel, std::int64_t pairs, const std::int16_t* codes, std::ptrdiff_t code_stride,
                std::int64_t rows, std::int64_t /*flush_pairs*/, std::int64_t* sums) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t lane = 0; lane < kPanelOutputs; ++lane) {
      for (std::int64_t j = 0; j < 2 * pairs; ++j) {
        sums[r * kPanelOutputs + lane] += codes[r * code_stride + j] * mantissa_at(panel, lane, j);
      }
    }
  }
}

#else

namespace hn = hwy::HWY_NAMESPACE;
// At most a panel's width, so that a vector never reaches past the outputs of its panel.
using Sum = hn::CappedTag<std::int32_t, kPanelOutputs>;
using Slice = hn::Repartition<std::int16_t, Sum>;
using Narrow = hn::Rebind<std::int8_t, Slice>;
using Wide = hn::Repartition<std::int64_t, Sum>;
using HalfSum = hn::Half<Sum>;
using SumVector = hn::Vec<Sum>;
using SliceVector = hn::Vec<Slice>;

// sum + a[2i] b[2i] + a[2i+1] b[2i+1] in lane i.
HWY_INLINE SumVector add_pair_products(SliceVector a, SliceVector b, SumVector sum) {
  const Sum d;
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
  SumVector unused = sum;
  return hn::ReorderWidenMulAccumulate(d, a, b, sum, unused);
#else
  const auto even = [&](auto v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(hn::BitCast(d, v))); };
  const auto odd = [&](auto v) { return hn::ShiftRight<16>(hn::BitCast(d, v)); };
  return hn::Add(sum, hn::Add(hn::Mul(even(a), even(b)), hn::Mul(odd(a), odd(b))));
#endif
}

template <typename Element>
struct Panel;

/// Two slices of 15 bits: m = high 2^15 + low.
template <>
struct Panel<std::int16_t> {
  static constexpr int kSlices = 2;
  static constexpr int kVectorsOfFourRows = 1;  // 8 sums and 2 weights: what 16 registers hold
  static HWY_INLINE SliceVector load(const std::int16_t* at, int slice) {
    return hn::LoadU(Slice(), at + slice * kPanelOutputs * 2);
  }
  static HWY_INLINE void flush(const SumVector* slices, std::int64_t* sums) {
    const Wide d;
    const HalfSum half;
    const auto add = [&](auto high, auto low, std::int64_t* to) {
      const auto wide = hn::Add(hn::ShiftLeft<15>(hn::PromoteTo(d, high)), hn::PromoteTo(d, low));
      hn::StoreU(hn::Add(hn::LoadU(d, to), wide), d, to);
    };
    add(hn::LowerHalf(half, slices[0]), hn::LowerHalf(half, slices[1]), sums);
    add(hn::UpperHalf(half, slices[0]), hn::UpperHalf(half, slices[1]), sums + hn::Lanes(d));
  }
};

template <>
struct Panel<std::int8_t> {
  static constexpr int kSlices = 1;
  static constexpr int kVectorsOfFourRows = 2;
  static HWY_INLINE SliceVector load(const std::int8_t* at, int /*slice*/) {
    return hn::PromoteTo(Slice(), hn::LoadU(Narrow(), at));
  }
  static HWY_INLINE void flush(const SumVector* slices, std::int64_t* sums) {
    const Wide d;
    const HalfSum half;
    const auto add = [&](auto sum, std::int64_t* to) {
      hn::StoreU(hn::Add(hn::LoadU(d, to), hn::PromoteTo(d, sum)), d, to);
    };
    add(hn::LowerHalf(half, slices[0]), sums);
    add(hn::UpperHalf(half, slices[0]), sums + hn::Lanes(d));
  }
};

HWY_INLINE SliceVector pair_of_codes(const std::int16_t* codes) {
  std::int32_t both;
  std::memcpy(&both, codes, sizeof both);
  return hn::BitCast(Slice(), hn::Set(Sum(), both));
}

// Loops over compile-time counts are unrolled, so that the arrays of vectors live in registers.
template <int kRows, int kVectors, typename Element>
HWY_INLINE void accumulate_rows(const Element* weights, std::int64_t pairs, const std::int16_t* codes,
                                std::ptrdiff_t code_stride, std::int64_t* sums) {
  using Weights = Panel<Element>;
  constexpr int kSlices = Weights::kSlices;
  constexpr int kLanes = hn::MaxLanes(Sum());
  SumVector acc[kRows][kVectors][kSlices];
#pragma GCC unroll 32
  for (int i = 0; i < kRows * kVectors * kSlices; ++i) (&acc[0][0][0])[i] = hn::Zero(Sum());
  for (std::int64_t pair = 0; pair < pairs; ++pair, weights += kPairElements<Element>, codes += 2) {
    SliceVector weight[kVectors][kSlices];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
#pragma GCC unroll 2
      for (int s = 0; s < kSlices; ++s) weight[v][s] = Weights::load(weights + v * kLanes * 2, s);
    }
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const SliceVector code = pair_of_codes(codes + r * code_stride);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
#pragma GCC unroll 2
        for (int s = 0; s < kSlices; ++s) acc[r][v][s] = add_pair_products(weight[v][s], code, acc[r][v][s]);
      }
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) Weights::flush(acc[r][v], sums + r * kPanelOutputs + v * kLanes);
  }
}

template <int kRows, int kVectors, typename Element>
HWY_INLINE void accumulate_lanes(const Element* weights, std::int64_t pairs, const std::int16_t* codes,
                                 std::ptrdiff_t code_stride, std::int64_t* sums) {
  constexpr int kLanes = hn::MaxLanes(Sum());
  constexpr int kTaken = kVectors * kLanes <= kPanelOutputs ? kVectors : 1;
  for (int lane = 0; lane < kPanelOutputs; lane += kTaken * kLanes) {
    accumulate_rows<kRows, kTaken>(weights + lane * 2, pairs, codes, code_stride, sums + lane);
  }
}

// A block of pairs at a time: it stays in the first-level cache while all rows use it, and its sums fit 32 bits.
template <typename Element>
void accumulate(const Element* panel, std::int64_t pairs, const std::int16_t* codes, std::ptrdiff_t code_stride,
                std::int64_t rows, std::int64_t flush_pairs, std::int64_t* sums) {
  for (std::int64_t pair = 0; pair < pairs; pair += flush_pairs) {
    const std::int64_t block = std::min(flush_pairs, pairs - pair);
    const Element* const weights = panel + pair * kPairElements<Element>;
    const std::int16_t* const block_codes = codes + pair * 2;
    std::int64_t r = 0;
    for (; r + 4 <= rows; r += 4) {
      accumulate_lanes<4, Panel<Element>::kVectorsOfFourRows>(weights, block, block_codes + r * code_stride,
                                                              code_stride, sums + r * kPanelOutputs);
    }
    for (; r < rows; ++r) {
      accumulate_lanes<1, 2>(weights, block, block_codes + r * code_stride, code_stride, sums + r * kPanelOutputs);
    }
  }
}

#endif

void AccumulateWide(const std::int16_t* panel, std::int64_t pairs, const std::int16_t* codes,
                    std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t flush_pairs, std::int64_t* sums) {
  accumulate(panel, pairs, codes, code_stride, rows, flush_pairs, sums);
}

void AccumulateNarrow(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* codes,
                      std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t flush_pairs, std::int64_t* sums) {
  accumulate(panel, pairs, codes, code_stride, rows, flush_pairs, sums);
}

const char* KernelTarget() { return hwy::TargetName(HWY_TARGET); }

}  // namespace stac::snn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stac::snn {

HWY_EXPORT(AccumulateWide);
HWY_EXPORT(AccumulateNarrow);
HWY_EXPORT(KernelTarget);

namespace {

constexpr std::int64_t kBlockBytes = 16384;  // half of a first-level cache

template <typename Element>
std::int64_t pairs_per_block(std::int32_t largest_code, std::int64_t largest_slice) {
  constexpr std::int64_t kLargestSum = (std::int64_t{1} << 31) - 1;
  constexpr auto kMost = kBlockBytes / (kPairElements<Element> * static_cast<std::int64_t>(sizeof(Element)));
  return std::clamp<std::int64_t>(kLargestSum / (2 * largest_slice * std::max(largest_code, 1)), 1, kMost);
}

}  // namespace

std::string kernel_instruction_set() { return HWY_DYNAMIC_DISPATCH(KernelTarget)(); }

template <>
std::int64_t pairs_per_flush<std::int16_t>(std::int32_t largest_code) {
  return pairs_per_block<std::int16_t>(largest_code, std::int64_t{1} << 15);
}

template <>
std::int64_t pairs_per_flush<std::int8_t>(std::int32_t largest_code) {
  return pairs_per_block<std::int8_t>(largest_code, std::int64_t{1} << 7);
}

void accumulate_panel(const std::int16_t* panel, std::int64_t pairs, const std::int16_t* codes,
                      std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t flush_pairs, std::int64_t* sums) {
  HWY_DYNAMIC_DISPATCH(AccumulateWide)(panel, pairs, codes, code_stride, rows, flush_pairs, sums);
}

void accumulate_panel(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* codes,
                      std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t flush_pairs, std::int64_t* sums) {
  HWY_DYNAMIC_DISPATCH(AccumulateNarrow)(panel, pairs, codes, code_stride, rows, flush_pairs, sums);
}

}  // namespace stac::snn
#endif
