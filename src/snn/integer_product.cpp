#include "snn/integer_product.hpp"

#include <algorithm>
#include <cstring>

#include "stac/snn/kernel_info.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "snn/integer_product.cpp"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stac::snn::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

// The plain loop: what every vector target must equal.
void AccumulatePanel(const std::int16_t* panel, std::int64_t pairs, const std::int16_t* codes,
                     std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t /*flush_pairs*/, std::int64_t* sums) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t lane = 0; lane < kPanelOutputs; ++lane) {
      for (std::int64_t j = 0; j < 2 * pairs; ++j) {
        const std::int16_t* const high = panel + panel_offset(lane, j);
        const std::int64_t mantissa = high[0] * (std::int64_t{1} << 15) + high[kPanelOutputs * 2];
        sums[r * kPanelOutputs + lane] += codes[r * code_stride + j] * mantissa;
      }
    }
  }
}

#else

namespace hn = hwy::HWY_NAMESPACE;
// At most a panel's width, so that a vector never reaches past the outputs of its panel.
using Sum = hn::CappedTag<std::int32_t, kPanelOutputs>;
using Slice = hn::Repartition<std::int16_t, Sum>;
using Wide = hn::Repartition<std::int64_t, Sum>;
using HalfSum = hn::Half<Sum>;

// sum + a[2i] b[2i] + a[2i+1] b[2i+1] in lane i.
template <class V16, class V32>
HWY_INLINE V32 add_pair_products(V16 a, V16 b, V32 sum) {
  const Sum d;
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
  V32 unused = sum;
  return hn::ReorderWidenMulAccumulate(d, a, b, sum, unused);
#else
  const auto even = [&](auto v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(hn::BitCast(d, v))); };
  const auto odd = [&](auto v) { return hn::ShiftRight<16>(hn::BitCast(d, v)); };
  return hn::Add(sum, hn::Add(hn::Mul(even(a), even(b)), hn::Mul(odd(a), odd(b))));
#endif
}

template <class V32>
HWY_INLINE void flush(V32 high, V32 low, std::int64_t* sums) {
  const Wide d;
  const HalfSum half;
  const auto lanes = hn::Lanes(d);
  const auto add = [&](auto h, auto l, std::int64_t* to) {
    const auto wide = hn::Add(hn::ShiftLeft<15>(hn::PromoteTo(d, h)), hn::PromoteTo(d, l));
    hn::StoreU(hn::Add(hn::LoadU(d, to), wide), d, to);
  };
  add(hn::LowerHalf(half, high), hn::LowerHalf(half, low), sums);
  add(hn::UpperHalf(half, high), hn::UpperHalf(half, low), sums + lanes);
}

template <int kRows>
HWY_INLINE void accumulate_rows(const std::int16_t* panel, std::int64_t pairs, const std::int16_t* codes,
                                std::ptrdiff_t code_stride, std::int64_t* sums) {
  const Sum d;
  const Slice ds;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t lane = 0; lane < kPanelOutputs; lane += lanes) {
    const auto zero = hn::Zero(d);
    decltype(hn::Zero(Sum())) high0 = zero, high1 = zero, high2 = zero, high3 = zero;
    decltype(hn::Zero(Sum())) low0 = zero, low1 = zero, low2 = zero, low3 = zero;
    const std::int16_t* weights = panel + lane * 2;
    for (std::int64_t pair = 0; pair < pairs; ++pair, weights += kPairElements) {
      const auto high = hn::LoadU(ds, weights);
      const auto low = hn::LoadU(ds, weights + kPanelOutputs * 2);
      const auto code = [&](int row) {
        std::int32_t both;
        std::memcpy(&both, codes + row * code_stride + pair * 2, sizeof both);
        return hn::BitCast(ds, hn::Set(d, both));
      };
      const auto code0 = code(0);
      high0 = add_pair_products(high, code0, high0);
      low0 = add_pair_products(low, code0, low0);
      if constexpr (kRows == 4) {
        const auto code1 = code(1);
        high1 = add_pair_products(high, code1, high1);
        low1 = add_pair_products(low, code1, low1);
        const auto code2 = code(2);
        high2 = add_pair_products(high, code2, high2);
        low2 = add_pair_products(low, code2, low2);
        const auto code3 = code(3);
        high3 = add_pair_products(high, code3, high3);
        low3 = add_pair_products(low, code3, low3);
      }
    }
    flush(high0, low0, sums + lane);
    if constexpr (kRows == 4) {
      flush(high1, low1, sums + kPanelOutputs + lane);
      flush(high2, low2, sums + 2 * kPanelOutputs + lane);
      flush(high3, low3, sums + 3 * kPanelOutputs + lane);
    }
  }
}

// A block of pairs at a time: it stays in the first-level cache while all rows use it, and its sums fit 32 bits.
void AccumulatePanel(const std::int16_t* panel, std::int64_t pairs, const std::int16_t* codes,
                     std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t flush_pairs, std::int64_t* sums) {
  for (std::int64_t pair = 0; pair < pairs; pair += flush_pairs) {
    const std::int64_t block = std::min(flush_pairs, pairs - pair);
    const std::int16_t* const weights = panel + pair * kPairElements;
    const std::int16_t* const block_codes = codes + pair * 2;
    std::int64_t r = 0;
    for (; r + 4 <= rows; r += 4) {
      accumulate_rows<4>(weights, block, block_codes + r * code_stride, code_stride, sums + r * kPanelOutputs);
    }
    for (; r < rows; ++r) {
      accumulate_rows<1>(weights, block, block_codes + r * code_stride, code_stride, sums + r * kPanelOutputs);
    }
  }
}

#endif

const char* KernelTarget() { return hwy::TargetName(HWY_TARGET); }

}  // namespace stac::snn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stac::snn {

HWY_EXPORT(AccumulatePanel);
HWY_EXPORT(KernelTarget);

std::string kernel_instruction_set() { return HWY_DYNAMIC_DISPATCH(KernelTarget)(); }

std::int64_t pairs_per_flush(std::int32_t largest_code) {
  constexpr std::int64_t kLargestSum = (std::int64_t{1} << 31) - 1;
  return std::clamp<std::int64_t>(kLargestSum / (2 * (std::int64_t{1} << 15) * std::max(largest_code, 1)), 1, 128);
}

void accumulate_panel(const std::int16_t* panel, std::int64_t pairs, const std::int16_t* codes,
                      std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t flush_pairs, std::int64_t* sums) {
  HWY_DYNAMIC_DISPATCH(AccumulatePanel)(panel, pairs, codes, code_stride, rows, flush_pairs, sums);
}

}  // namespace stac::snn
#endif
