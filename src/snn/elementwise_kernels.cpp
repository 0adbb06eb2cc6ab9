#include "snn/elementwise_kernels.hpp"

#include <algorithm>
#include <array>

#include "snn/vector_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "snn/elementwise_kernels.cpp"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stac::snn::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using FloatTag = hn::ScalableTag<float>;
using IntTag = hn::ScalableTag<std::int32_t>;
constexpr std::int64_t kMaxLanes = 64;  // 2048-bit vectors

// Applies `function` to whole vectors; the tail is padded with zeros, so that its elements see the same arithmetic.
template <typename Function>
void transform(float* row, std::int64_t n, Function function) {
  const FloatTag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t j = 0;
  for (; j + lanes <= n; j += lanes) hn::StoreU(function(d, hn::LoadU(d, row + j)), d, row + j);
  if (j == n) return;
  std::array<float, kMaxLanes> tail{};
  std::copy(row + j, row + n, tail.begin());
  hn::StoreU(function(d, hn::LoadU(d, tail.data())), d, tail.data());
  std::copy_n(tail.begin(), n - j, row + j);
}

void ShiftedExp(float* row, std::int64_t n, float shift) {
  transform(row, n, [shift](auto d, auto x) { return hn::Exp(d, hn::Sub(x, hn::Set(d, shift))); });
}

void GeluTanh(float* row, std::int64_t n) {
  transform(row, n, [](auto d, auto x) {
    const auto cube = hn::Mul(hn::Mul(x, x), x);
    const auto inner = hn::Mul(hn::Set(d, 0.79788456F), hn::Add(x, hn::Mul(hn::Set(d, 0.044715F), cube)));
    const auto gate = hn::Add(hn::Set(d, 1.0F), hn::Tanh(d, inner));
    return hn::Mul(hn::Mul(hn::Set(d, 0.5F), x), gate);
  });
}

void Silu(float* row, std::int64_t n) {
  transform(row, n, [](auto d, auto x) { return hn::Div(x, hn::Add(hn::Set(d, 1.0F), hn::Exp(d, hn::Neg(x)))); });
}

/// @param divisors  of a place in the row: the vector that its elements are divided by
template <typename Divisors>
HWY_INLINE bool nearest(const float* row, std::int64_t n, Divisors divisors, std::int32_t full_scale,
                        std::int32_t* codes) {
  const FloatTag d;
  const IntTag di;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto limit = hn::Set(d, static_cast<float>(full_scale));
  const auto half = hn::Set(d, 0.5F);
  bool tie = false;
  const auto encode = [&](const float* from, auto divisor, std::int32_t* to) {
    const auto u = hn::Div(hn::LoadU(d, from), divisor);
    const auto magnitude = hn::Min(hn::Abs(u), limit);
    const auto whole = hn::ConvertTo(di, magnitude);
    const auto rest = hn::Sub(magnitude, hn::ConvertTo(d, whole));
    tie |= !hn::AllFalse(d, hn::Eq(rest, half));
    const auto up = hn::BitCast(di, hn::VecFromMask(d, hn::Gt(rest, half)));  // -1 where the next level is nearer
    const auto nearer = hn::Sub(whole, up);
    const auto sign = hn::BitCast(di, hn::VecFromMask(d, hn::Lt(u, hn::Zero(d))));
    hn::StoreU(hn::Sub(hn::Xor(nearer, sign), sign), di, to);
  };
  std::int64_t j = 0;
  for (; j + lanes <= n; j += lanes) encode(row + j, divisors(j), codes + j);
  if (j == n) return tie;
  std::array<float, kMaxLanes> tail{};
  std::array<std::int32_t, kMaxLanes> tail_codes{};
  std::copy(row + j, row + n, tail.begin());
  encode(tail.data(), divisors(j), tail_codes.data());
  std::copy_n(tail_codes.begin(), n - j, codes + j);
  return tie;
}

bool NearestCodes(const float* row, std::int64_t n, float scale, std::int32_t full_scale, std::int32_t* codes) {
  const auto divisor = hn::Set(FloatTag(), scale);
  return nearest(
      row, n, [&](std::int64_t) { return divisor; }, full_scale, codes);
}

bool NearestCodesOfEach(const float* row, std::int64_t n, const float* scales, std::int32_t full_scale,
                        std::int32_t* codes) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(FloatTag()));
  const auto divisors = [&](std::int64_t j) {
    if (j + lanes <= n) return hn::LoadU(FloatTag(), scales + j);
    std::array<float, kMaxLanes> tail;
    tail.fill(1.0F);
    std::copy(scales + j, scales + n, tail.begin());
    return hn::LoadU(FloatTag(), tail.data());
  };
  return nearest(row, n, divisors, full_scale, codes);
}

}  // namespace stac::snn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stac::snn {

HWY_EXPORT(ShiftedExp);
HWY_EXPORT(GeluTanh);
HWY_EXPORT(Silu);
HWY_EXPORT(NearestCodes);
HWY_EXPORT(NearestCodesOfEach);

void shifted_exp(float* row, std::int64_t n, float shift) { HWY_DYNAMIC_DISPATCH(ShiftedExp)(row, n, shift); }
void gelu_tanh(float* row, std::int64_t n) { HWY_DYNAMIC_DISPATCH(GeluTanh)(row, n); }
void silu(float* row, std::int64_t n) { HWY_DYNAMIC_DISPATCH(Silu)(row, n); }
bool nearest_codes(const float* row, std::int64_t n, float scale, std::int32_t full_scale, std::int32_t* codes) {
  return HWY_DYNAMIC_DISPATCH(NearestCodes)(row, n, scale, full_scale, codes);
}
bool nearest_codes_of_each(const float* row, std::int64_t n, const float* scales, std::int32_t full_scale,
                           std::int32_t* codes) {
  return HWY_DYNAMIC_DISPATCH(NearestCodesOfEach)(row, n, scales, full_scale, codes);
}

}  // namespace stac::snn
#endif
