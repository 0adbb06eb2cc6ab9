#include "snn/byte_product.hpp"

#include <algorithm>

#include "snn/membrane_functions.hpp"
#include "snn/vector_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "snn/byte_product.cpp"
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

#if HWY_TARGET == HWY_SCALAR

// The plain loops: what every vector target must equal.
void MultiplyBytes(const std::int8_t* panel, const ByteCodes& codes, std::int32_t* sums) {
  for (std::int64_t r = 0; r < codes.rows; ++r) {
    const std::int16_t* const row = codes.codes + r * codes.stride;
    for (std::int64_t lane = 0; lane < kByteOutputs; ++lane) {
      std::int32_t sum = 0;
      for (std::int64_t i = 0; i < codes.count; ++i) {
        const std::int64_t pair = codes.pairs ? codes.pairs[i] : i;
        const std::int8_t* const weights = panel + pair * kBytePair + lane * 2;
        sum += row[2 * i] * weights[0] + row[2 * i + 1] * weights[1];
      }
      sums[r * kByteOutputs + lane] = sum;
    }
  }
}

void ReadOutRow(const std::int32_t* sums, std::int64_t n, double row_unit, const double* unit, const double* bias,
                float* out) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = read_out(sums[i], row_unit * unit[i], bias[i]);
}

#else

using Byte = hn::Rebind<std::int8_t, Slice>;
constexpr int kLanes = hn::MaxLanes(Sum());
constexpr int kVectors = static_cast<int>(kByteOutputs) / kLanes;  // of a panel's outputs

// One row takes a pair's weights as they stream from memory, all of them if registers hold that many sums.
constexpr int kVectorsOfOneRow = std::min(kVectors, 8);
// Four vectors of outputs and four rows want sixteen registers for sums; where there are sixteen in all, two vectors.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM
constexpr int kVectorsOfFourRows = std::min(kVectors, 4);
#else
constexpr int kVectorsOfFourRows = 2;
#endif

// Where several passes take a panel's outputs, they do so block by block of its pairs. Every pass fetches the weights
// a block ahead, so that memory is read while the kernel multiplies.
constexpr int kLine = 64;
constexpr std::int64_t kPairsOfBlock = 32;
constexpr std::ptrdiff_t kAhead = kPairsOfBlock * kBytePair;

struct EveryPair {
  static constexpr bool kInOrder = true;
  std::int64_t operator()(std::int64_t i) const { return i; }
};
struct ListedPairs {
  static constexpr bool kInOrder = false;
  const std::int32_t* pairs;
  std::int64_t operator()(std::int64_t i) const { return pairs[i]; }
};

// Loops over compile-time counts are unrolled, so that the arrays of vectors live in registers.
//
// sums += the products of pairs first .. last - 1
template <int kRows, int kTaken, typename Pairs>
HWY_INLINE void multiply_lanes(const std::int8_t* panel, const ByteCodes& codes, std::int64_t first, std::int64_t last,
                               Pairs pairs, std::int32_t* sums) {
  SumVector acc[kRows][kTaken];
  const auto place = [sums](int i) { return sums + i / kTaken * kByteOutputs + i % kTaken * kLanes; };
#pragma GCC unroll 16
  for (int i = 0; i < kRows * kTaken; ++i) acc[i / kTaken][i % kTaken] = hn::LoadU(Sum(), place(i));
  const std::int16_t* code = codes.codes + 2 * first;
  for (std::int64_t i = first; i < last; ++i, code += 2) {
    const std::int8_t* const at = panel + pairs(i) * kBytePair;
    if constexpr (Pairs::kInOrder) {
      for (int byte = 0; byte < kTaken * kLanes * 2; byte += kLine) hwy::Prefetch(at + kAhead + byte);  // a hint
    }
    SliceVector both[kRows];
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) both[r] = pair_of_codes(code + r * codes.stride);
#pragma GCC unroll 8
    for (int v = 0; v < kTaken; ++v) {
      const SliceVector weight = hn::PromoteTo(Slice(), hn::LoadU(Byte(), at + v * kLanes * 2));
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) acc[r][v] = add_pair_products(weight, both[r], acc[r][v]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kRows * kTaken; ++i) hn::StoreU(acc[i / kTaken][i % kTaken], Sum(), place(i));
}

template <int kRows, typename Pairs>
void multiply_rows(const std::int8_t* panel, const ByteCodes& codes, Pairs pairs, std::int32_t* sums) {
  constexpr int kTaken = kRows == 1 ? kVectorsOfOneRow : kVectorsOfFourRows;
  std::fill_n(sums, kRows * kByteOutputs, 0);
  const std::int64_t block = kTaken < kVectors ? kPairsOfBlock : codes.count;
  for (std::int64_t first = 0; first < codes.count; first += block) {
    const std::int64_t last = std::min(first + block, codes.count);
    for (std::int64_t lane = 0; lane < kByteOutputs; lane += kTaken * kLanes) {
      multiply_lanes<kRows, kTaken>(panel + lane * 2, codes, first, last, pairs, sums + lane);
    }
  }
}

template <typename Pairs>
void multiply(const std::int8_t* panel, const ByteCodes& codes, Pairs pairs, std::int32_t* sums) {
  switch (codes.rows) {
    case 1:
      return multiply_rows<1>(panel, codes, pairs, sums);
    case 2:
      return multiply_rows<2>(panel, codes, pairs, sums);
    case 3:
      return multiply_rows<3>(panel, codes, pairs, sums);
    default:
      return multiply_rows<4>(panel, codes, pairs, sums);
  }
}

void MultiplyBytes(const std::int8_t* panel, const ByteCodes& codes, std::int32_t* sums) {
  if (codes.pairs) return multiply(panel, codes, ListedPairs{codes.pairs}, sums);
  multiply(panel, codes, EveryPair(), sums);
}

// As read_out, lane by lane: a product and a sum, each rounded.
void ReadOutRow(const std::int32_t* sums, std::int64_t n, double row_unit, const double* unit, const double* bias,
                float* out) {
  const hn::CappedTag<double, 8> d;
  const hn::Rebind<std::int32_t, decltype(d)> di;
  const hn::Rebind<float, decltype(d)> df;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto row = hn::Set(d, row_unit);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto scaled = hn::Mul(hn::PromoteTo(d, hn::LoadU(di, sums + i)), hn::Mul(row, hn::LoadU(d, unit + i)));
    hn::StoreU(hn::DemoteTo(df, hn::Add(scaled, hn::LoadU(d, bias + i))), df, out + i);
  }
  for (; i < n; ++i) out[i] = read_out(sums[i], row_unit * unit[i], bias[i]);
}

#endif

std::int64_t ListSpikingPairs(const ByteCodes& codes, std::int32_t* pairs, std::int16_t* listed,
                              std::ptrdiff_t stride) {
  std::int64_t found = 0, pair = 0;
#if HWY_TARGET != HWY_SCALAR
  const Sum d;
  const Slice halves;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  static_assert(hn::MaxLanes(Sum()) <= kListSlack);
  const auto both = [&](std::int64_t r) {
    return hn::BitCast(d, hn::LoadU(halves, codes.codes + r * codes.stride + 2 * pair));
  };
  for (; pair + lanes <= codes.count; pair += lanes) {
    auto any = both(0);
    for (std::int64_t r = 1; r < codes.rows; ++r) any = hn::Or(any, both(r));
    const auto spikes = hn::Ne(any, hn::Zero(d));
    hn::StoreU(hn::Compress(hn::Iota(d, static_cast<std::int32_t>(pair)), spikes), d, pairs + found);
    for (std::int64_t r = 0; r < codes.rows; ++r) {
      hn::StoreU(hn::BitCast(halves, hn::Compress(both(r), spikes)), halves, listed + r * stride + 2 * found);
    }
    found += static_cast<std::int64_t>(hn::CountTrue(d, spikes));
  }
#endif
  for (; pair < codes.count; ++pair) {
    bool spikes = false;
    for (std::int64_t r = 0; r < codes.rows; ++r) {
      const std::int16_t* const two = codes.codes + r * codes.stride + 2 * pair;
      spikes = spikes || two[0] != 0 || two[1] != 0;
      std::copy_n(two, 2, listed + r * stride + 2 * found);
    }
    pairs[found] = static_cast<std::int32_t>(pair);
    found += spikes;
  }
  return found;
}

}  // namespace stac::snn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stac::snn {

HWY_EXPORT(MultiplyBytes);
HWY_EXPORT(ReadOutRow);
HWY_EXPORT(ListSpikingPairs);

std::int64_t byte_pairs_that_fit(std::int32_t largest_code) {
  constexpr std::int64_t kLargestSum = (std::int64_t{1} << 31) - 1, kLargestWeight = 128;
  return kLargestSum / (2 * kLargestWeight * std::max(largest_code, 1));
}

void multiply_bytes(const std::int8_t* panel, const ByteCodes& codes, std::int32_t* sums) {
  HWY_DYNAMIC_DISPATCH(MultiplyBytes)(panel, codes, sums);
}

std::int64_t list_spiking_pairs(const ByteCodes& codes, std::int32_t* pairs, std::int16_t* listed,
                                std::ptrdiff_t stride) {
  return HWY_DYNAMIC_DISPATCH(ListSpikingPairs)(codes, pairs, listed, stride);
}

void read_out_row(const std::int32_t* sums, std::int64_t n, double row_unit, const double* unit, const double* bias,
                  float* out) {
  HWY_DYNAMIC_DISPATCH(ReadOutRow)(sums, n, row_unit, unit, bias, out);
}

}  // namespace stac::snn
#endif
