#include "snn/row_kernels.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "snn/vector_targets.hpp"
#include "stac/snn/fixed_point.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "snn/row_kernels.cpp"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stac::snn::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::int64_t kPartials = 8;
constexpr std::uint32_t kMagnitudeBits = 0x7fffffffU;

std::uint32_t LargestMagnitudeBits(const float* row, std::int64_t n) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;  // without their signs they order alike as signed integers
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto mask = hn::Set(di, static_cast<std::int32_t>(kMagnitudeBits));
  auto largest = hn::Zero(di);
  std::int64_t j = 0;
  for (; j + lanes <= n; j += lanes) {
    largest = hn::Max(largest, hn::And(mask, hn::BitCast(di, hn::LoadU(d, row + j))));
  }
  auto result = static_cast<std::uint32_t>(hn::GetLane(hn::MaxOfLanes(di, largest)));
  for (; j < n; ++j) result = std::max(result, std::bit_cast<std::uint32_t>(row[j]) & kMagnitudeBits);
  return result;
}

float LargestValue(const float* row, std::int64_t n) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  float result = row[0];
  std::int64_t j = 0;
  if (n >= lanes) {
    auto largest = hn::LoadU(d, row);
    for (j = lanes; j + lanes <= n; j += lanes) largest = hn::Max(largest, hn::LoadU(d, row + j));
    result = hn::GetLane(hn::MaxOfLanes(d, largest));
  }
  for (; j < n; ++j) result = std::max(result, row[j]);
  return result;
}

/// Calls on_term(d, lane, terms of row[j + lane] ...) for the partial sums.
template <typename Term>
HWY_INLINE double ordered(const float* row, std::int64_t n, Term term) {
  const hn::CappedTag<double, kPartials> d;
  const hn::Rebind<float, decltype(d)> df;
  constexpr std::int64_t kLanes = hn::MaxLanes(d);
  constexpr std::int64_t kVectors = kPartials / kLanes;
  hn::Vec<decltype(d)> sums[kVectors];
  for (std::int64_t v = 0; v < kVectors; ++v) sums[v] = hn::Zero(d);
  std::int64_t j = 0;
  for (; j + kPartials <= n; j += kPartials) {
    for (std::int64_t v = 0; v < kVectors; ++v) {
      sums[v] = hn::Add(sums[v], term(d, hn::PromoteTo(d, hn::LoadU(df, row + j + v * kLanes))));
    }
  }
  std::array<double, kPartials> partial{};
  for (std::int64_t v = 0; v < kVectors; ++v) hn::StoreU(sums[v], d, partial.data() + v * kLanes);
  const hn::CappedTag<double, 1> one;
  for (std::int64_t lane = 0; j < n; ++j, ++lane) {
    partial[lane] += hn::GetLane(term(one, hn::Set(one, static_cast<double>(row[j]))));
  }
  double sum = 0.0;
  for (const double part : partial) sum += part;
  return sum;
}

double OrderedSum(const float* row, std::int64_t n) {
  return ordered(row, n, [](auto, auto x) { return x; });
}

double OrderedSquares(const float* row, std::int64_t n, double centre) {
  return ordered(row, n, [centre](auto d, auto x) {
    const auto centred = hn::Sub(x, hn::Set(d, centre));
    return hn::Mul(centred, centred);
  });
}

void CentreAndScale(const float* row, std::int64_t n, double centre, double factor, float* out) {
  const hn::CappedTag<double, kPartials> d;
  const hn::Rebind<float, decltype(d)> df;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t j = 0;
  for (; j + lanes <= n; j += lanes) {
    const auto x = hn::PromoteTo(d, hn::LoadU(df, row + j));
    hn::StoreU(hn::DemoteTo(df, hn::Mul(hn::Sub(x, hn::Set(d, centre)), hn::Set(d, factor))), df, out + j);
  }
  for (; j < n; ++j) out[j] = static_cast<float>((static_cast<double>(row[j]) - centre) * factor);
}

#if HWY_TARGET == HWY_SCALAR

// The plain loop: what every vector target must equal.
CodeCounts CountCodes(const std::int32_t* codes, std::int64_t n, const std::uint8_t* table, std::int32_t /*levels*/,
                      std::int32_t largest) {
  CodeCounts counts;
  for (std::int64_t j = 0; j < n; ++j) {
    const std::int32_t magnitude = std::abs(codes[j]);
    counts.spikes += table[magnitude];
    counts.silent += magnitude == 0;
    counts.largest += magnitude == largest;
  }
  return counts;
}

#else

constexpr std::int64_t kBlock = 1024;  // codes whose magnitudes wait as bytes

// table[byte] of every byte.
#if HWY_TARGET == HWY_AVX3_DL

template <class D, class V>
HWY_INLINE V look_up(D d, V bytes, const std::uint8_t* table, std::int32_t /*levels*/) {
  const auto half = [&](const std::uint8_t* from) {
    return _mm512_permutex2var_epi8(hn::LoadU(d, from).raw, bytes.raw, hn::LoadU(d, from + kByteLevels / 4).raw);
  };
  return V{_mm512_mask_blend_epi8(_mm512_movepi8_mask(bytes.raw), half(table), half(table + kByteLevels / 2))};
}

#else

// The table in pieces of sixteen, of which each byte finds itself in one.
template <class D, class V>
HWY_INLINE V look_up(D d, V bytes, const std::uint8_t* table, std::int32_t levels) {
  V result = hn::Zero(d);
  for (std::int32_t first = 0; first < levels; first += 16) {
    const V within = hn::Xor(bytes, hn::Set(d, static_cast<std::uint8_t>(first)));  // below 16 in this piece only
    const V index = hn::SaturatedAdd(within, hn::Set(d, std::uint8_t{0x70}));       // else the highest bit is set
    result = hn::Or(result, hn::TableLookupBytesOr0(hn::LoadDup128(d, table + first), index));
  }
  return result;
}

#endif

CodeCounts CountCodes(const std::int32_t* codes, std::int64_t n, const std::uint8_t* table, std::int32_t levels,
                      std::int32_t largest) {
  const hn::ScalableTag<std::uint8_t> d;
  const hn::Repartition<std::uint64_t, decltype(d)> wide;
  const hn::ScalableTag<std::int32_t> di;
  const hn::Rebind<std::uint8_t, decltype(di)> quarter;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d)), quarters = static_cast<std::int64_t>(hn::Lanes(di));
  alignas(64) std::array<std::uint8_t, kByteLevels> padded{};
  std::copy_n(table, levels, padded.begin());
  alignas(64) std::array<std::uint8_t, kBlock> magnitudes;
  auto spikes = hn::Zero(wide);
  CodeCounts counts;
  for (std::int64_t first = 0; first < n; first += kBlock) {
    const std::int64_t block = std::min(kBlock, n - first);
    std::int64_t j = 0;
    for (; j + quarters <= block; j += quarters) {
      hn::StoreU(hn::DemoteTo(quarter, hn::Abs(hn::LoadU(di, codes + first + j))), quarter, magnitudes.data() + j);
    }
    for (; j < block; ++j) magnitudes[j] = static_cast<std::uint8_t>(std::abs(codes[first + j]));
    for (j = 0; j + lanes <= block; j += lanes) {
      const auto bytes = hn::LoadU(d, magnitudes.data() + j);
      spikes = hn::Add(spikes, hn::SumsOf8(look_up(d, bytes, padded.data(), levels)));
      counts.silent += hn::CountTrue(d, hn::Eq(bytes, hn::Zero(d)));
      counts.largest += hn::CountTrue(d, hn::Eq(bytes, hn::Set(d, static_cast<std::uint8_t>(largest))));
    }
    for (; j < block; ++j) {
      counts.spikes += table[magnitudes[j]];
      counts.silent += magnitudes[j] == 0;
      counts.largest += magnitudes[j] == largest;
    }
  }
  counts.spikes += hn::GetLane(hn::SumOfLanes(wide, spikes));
  return counts;
}

#endif

void ToMantissas(const float* values, std::int64_t n, int exponent, int bits, std::int32_t* mantissas) {
  const hn::CappedTag<double, kPartials> d;
  const hn::Rebind<float, decltype(d)> df;
  const hn::Rebind<std::int32_t, decltype(d)> di;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto steps = hn::Set(d, std::ldexp(1.0, -exponent));
  const auto limit = hn::Set(d, static_cast<double>((std::int64_t{1} << bits) - 1));
  std::int64_t j = 0;
  for (; j + lanes <= n; j += lanes) {
    const auto nearest = hn::Round(hn::Mul(hn::PromoteTo(d, hn::LoadU(df, values + j)), steps));
    hn::StoreU(hn::DemoteTo(di, hn::Min(hn::Max(nearest, hn::Neg(limit)), limit)), di, mantissas + j);
  }
  for (; j < n; ++j) mantissas[j] = to_mantissa(values[j], exponent, bits);
}

}  // namespace stac::snn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stac::snn {

HWY_EXPORT(LargestMagnitudeBits);
HWY_EXPORT(LargestValue);
HWY_EXPORT(OrderedSum);
HWY_EXPORT(OrderedSquares);
HWY_EXPORT(CentreAndScale);
HWY_EXPORT(CountCodes);
HWY_EXPORT(ToMantissas);

std::uint32_t largest_magnitude_bits(const float* row, std::int64_t n) {
  return HWY_DYNAMIC_DISPATCH(LargestMagnitudeBits)(row, n);
}
float largest_value(const float* row, std::int64_t n) { return HWY_DYNAMIC_DISPATCH(LargestValue)(row, n); }
double ordered_sum(const float* row, std::int64_t n) { return HWY_DYNAMIC_DISPATCH(OrderedSum)(row, n); }
double ordered_squares(const float* row, std::int64_t n, double centre) {
  return HWY_DYNAMIC_DISPATCH(OrderedSquares)(row, n, centre);
}
void centre_and_scale(const float* row, std::int64_t n, double centre, double factor, float* out) {
  HWY_DYNAMIC_DISPATCH(CentreAndScale)(row, n, centre, factor, out);
}
CodeCounts count_codes(const std::int32_t* codes, std::int64_t n, const std::uint8_t* table, std::int32_t levels,
                       std::int32_t largest) {
  return HWY_DYNAMIC_DISPATCH(CountCodes)(codes, n, table, levels, largest);
}
void to_mantissas(const float* values, std::int64_t n, int exponent, int bits, std::int32_t* mantissas) {
  HWY_DYNAMIC_DISPATCH(ToMantissas)(values, n, exponent, bits, mantissas);
}

}  // namespace stac::snn
#endif
