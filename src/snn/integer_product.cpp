#include "snn/integer_product.hpp"

#include <algorithm>
#include <type_traits>

#include "snn/membrane_functions.hpp"
#include "snn/vector_targets.hpp"
#include "stac/snn/kernel_info.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "snn/integer_product.cpp"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

#include "snn/pair_products.hpp"

HWY_BEFORE_NAMESPACE();
#if HWY_TARGET == HWY_AVX3_DL && HWY_COMPILER_GCC_ACTUAL
#pragma GCC target("avx512vnni")  // the target has it, but Highway 1.0.3 does not say so to the compiler
#endif
namespace stac::snn::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

// The plain loop: what every vector target must equal.
void AccumulatePanel(const std::int16_t* panel, Slices slices, std::int64_t pairs, const std::int16_t* codes,
                     std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t /*flush_pairs*/, std::int64_t* sums) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t lane = 0; lane < kPanelOutputs; ++lane) {
      for (std::int64_t j = 0; j < 2 * pairs; ++j) {
        const std::int64_t mantissa = load_mantissa(panel, slices, lane, j);
        sums[r * kPanelOutputs + lane] += codes[r * code_stride + j] * mantissa;
      }
    }
  }
}

#else

using Wide = hn::Repartition<std::int64_t, Sum>;
using HalfSum = hn::Half<Sum>;

// sums += slices put together, the highest first
template <int kSlices>
HWY_INLINE void flush(const SumVector* slices, std::int64_t* sums) {
  const Wide d;
  const HalfSum half;
  const auto add = [&](auto half_of, std::int64_t* to) {
    auto wide = hn::PromoteTo(d, half_of(slices[0]));
    if constexpr (kSlices == 2)
      wide = hn::Add(hn::ShiftLeft<kPanelSliceBits>(wide), hn::PromoteTo(d, half_of(slices[1])));
    hn::StoreU(hn::Add(hn::LoadU(d, to), wide), d, to);
  };
  add([&](SumVector sum) { return hn::LowerHalf(half, sum); }, sums);
  add([&](SumVector sum) { return hn::UpperHalf(half, sum); }, sums + hn::Lanes(d));
}

// Loops over compile-time counts are unrolled, so that the arrays of vectors live in registers: eight sums and two
// weights at most, what sixteen registers hold. A sum waits for the one before it; where rows are few, neighbouring
// pairs have sums of their own (`kChains`), so that the products need not wait, too.
template <int kSlices, int kRows, int kChains>
HWY_INLINE void accumulate_lanes(const std::int16_t* weights, std::int64_t pairs, const std::int16_t* codes,
                                 std::ptrdiff_t code_stride, std::int64_t* sums) {
  SumVector acc[kChains][kRows][kSlices];
#pragma GCC unroll 8
  for (int i = 0; i < kChains * kRows * kSlices; ++i)
    acc[i / kSlices / kRows][i / kSlices % kRows][i % kSlices] = hn::Zero(Sum());
  const auto take_pair = [&](int chain) {
    SliceVector slices[kSlices];
#pragma GCC unroll 2
    for (int s = 0; s < kSlices; ++s) slices[s] = hn::LoadU(Slice(), weights + s * kSliceElements);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const SliceVector code = pair_of_codes(codes + r * code_stride);
#pragma GCC unroll 2
      for (int s = 0; s < kSlices; ++s) acc[chain][r][s] = add_pair_products(slices[s], code, acc[chain][r][s]);
    }
    weights += kSliceElements * kSlices;
    codes += 2;
  };
  std::int64_t pair = 0;
  for (; pair + kChains <= pairs; pair += kChains) {
#pragma GCC unroll 4
    for (int chain = 0; chain < kChains; ++chain) take_pair(chain);
  }
  for (; pair < pairs; ++pair) take_pair(0);
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int i = kSlices; i < kChains * kSlices; ++i) {
      SumVector& first = acc[0][r][i % kSlices];
      first = hn::Add(first, acc[i / kSlices][r][i % kSlices]);
    }
    flush<kSlices>(acc[0][r], sums + r * kPanelOutputs);
  }
}

template <int kSlices, int kRows>
void accumulate_rows(const std::int16_t* weights, std::int64_t pairs, const std::int16_t* codes,
                     std::ptrdiff_t code_stride, std::int64_t* sums) {
  constexpr int kLanes = hn::MaxLanes(Sum());
  for (int lane = 0; lane < kPanelOutputs; lane += kLanes) {
    accumulate_lanes<kSlices, kRows, kRows <= 2 ? 4 / kRows : 1>(weights + lane * 2, pairs, codes, code_stride,
                                                                 sums + lane);
  }
}

// A block of pairs at a time: it stays in the first-level cache while all rows use it, and its sums fit 32 bits.
template <int kSlices>
void accumulate_blocks(const std::int16_t* panel, std::int64_t pairs, const std::int16_t* codes,
                       std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t flush_pairs, std::int64_t* sums) {
  for (std::int64_t pair = 0; pair < pairs; pair += flush_pairs) {
    const std::int64_t block = std::min(flush_pairs, pairs - pair);
    const std::int16_t* const weights = panel + pair * kSliceElements * kSlices;
    const std::int16_t* const block_codes = codes + pair * 2;
    const auto accumulate = [&](auto taken, std::int64_t r) {
      accumulate_rows<kSlices, decltype(taken)::value>(weights, block, block_codes + r * code_stride, code_stride,
                                                       sums + r * kPanelOutputs);
    };
    std::int64_t r = 0;
    for (; r + 4 <= rows; r += 4) accumulate(std::integral_constant<int, 4>(), r);
    if (rows - r == 3) accumulate(std::integral_constant<int, 3>(), r);
    if (rows - r == 2) accumulate(std::integral_constant<int, 2>(), r);
    if (rows - r == 1) accumulate(std::integral_constant<int, 1>(), r);
  }
}

void AccumulatePanel(const std::int16_t* panel, Slices slices, std::int64_t pairs, const std::int16_t* codes,
                     std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t flush_pairs, std::int64_t* sums) {
  if (slices == Slices::one) {
    accumulate_blocks<1>(panel, pairs, codes, code_stride, rows, flush_pairs, sums);
  } else {
    accumulate_blocks<2>(panel, pairs, codes, code_stride, rows, flush_pairs, sums);
  }
}

#endif

#if HWY_TARGET == HWY_SCALAR

void ReadOutSums(const std::int64_t* sums, std::int64_t n, double unit, float* out) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = read_out(sums[i], unit, 0.0);
}

#else

void ReadOutSums(const std::int64_t* sums, std::int64_t n, double unit, float* out) {
  const hn::CappedTag<double, 8> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<float, decltype(d)> df;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto scaled = hn::Mul(hn::ConvertTo(d, hn::LoadU(di, sums + i)), hn::Set(d, unit));
    hn::StoreU(hn::DemoteTo(df, hn::Add(scaled, hn::Zero(d))), df, out + i);
  }
  for (; i < n; ++i) out[i] = read_out(sums[i], unit, 0.0);
}

#endif

const char* KernelTarget() { return hwy::TargetName(HWY_TARGET); }

}  // namespace stac::snn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stac::snn {

HWY_EXPORT(AccumulatePanel);
HWY_EXPORT(ReadOutSums);
HWY_EXPORT(KernelTarget);

std::string kernel_instruction_set() { return HWY_DYNAMIC_DISPATCH(KernelTarget)(); }

std::int64_t pairs_per_flush(std::int32_t largest_code) {
  constexpr std::int64_t kLargestSum = (std::int64_t{1} << 31) - 1, kLargestSlice = std::int64_t{1} << kPanelSliceBits;
  constexpr std::int64_t kBlockBytes = 16384;  // half of a first-level cache
  constexpr auto kMost = kBlockBytes / (pair_elements(Slices::two) * static_cast<std::int64_t>(sizeof(std::int16_t)));
  return std::clamp<std::int64_t>(kLargestSum / (2 * kLargestSlice * std::max(largest_code, 1)), 1, kMost);
}

void accumulate_panel(const std::int16_t* panel, Slices slices, std::int64_t pairs, const std::int16_t* codes,
                      std::ptrdiff_t code_stride, std::int64_t rows, std::int64_t flush_pairs, std::int64_t* sums) {
  HWY_DYNAMIC_DISPATCH(AccumulatePanel)(panel, slices, pairs, codes, code_stride, rows, flush_pairs, sums);
}

void read_out_row(const std::int64_t* sums, std::int64_t n, double unit, float* out) {
  HWY_DYNAMIC_DISPATCH(ReadOutSums)(sums, n, unit, out);
}

}  // namespace stac::snn
#endif
