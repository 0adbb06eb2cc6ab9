// sum += a[2i] b[2i] + a[2i+1] b[2i+1] in lane i, of 16-bit integers: what the product kernels are made of. For
// inclusion by Highway's foreach_target, once per target.
#if defined(STAC_SNN_PAIR_PRODUCTS) == defined(HWY_TARGET_TOGGLE)
#ifdef STAC_SNN_PAIR_PRODUCTS
#undef STAC_SNN_PAIR_PRODUCTS
#else
#define STAC_SNN_PAIR_PRODUCTS
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <cstring>

HWY_BEFORE_NAMESPACE();
#if HWY_TARGET == HWY_AVX3_DL && HWY_COMPILER_GCC_ACTUAL
#pragma GCC target("avx512vnni")  // the target has it, but Highway 1.0.3 does not say so to the compiler
#endif
namespace stac::snn::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR

namespace hn = hwy::HWY_NAMESPACE;
using Sum = hn::CappedTag<std::int32_t, 16>;
using Slice = hn::Repartition<std::int16_t, Sum>;
using SumVector = hn::Vec<Sum>;
using SliceVector = hn::Vec<Slice>;

HWY_INLINE SumVector add_pair_products(SliceVector a, SliceVector b, SumVector sum) {
#if HWY_TARGET == HWY_AVX3_DL && HWY_COMPILER_GCC_ACTUAL
  return SumVector{_mm512_dpwssd_epi32(sum.raw, a.raw, b.raw)};  // Highway 1.0.3 has no operation for it
#elif HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
  SumVector unused = sum;
  return hn::ReorderWidenMulAccumulate(Sum(), a, b, sum, unused);
#else
  const Sum d;
  const auto even = [&](auto v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(hn::BitCast(d, v))); };
  const auto odd = [&](auto v) { return hn::ShiftRight<16>(hn::BitCast(d, v)); };
  return hn::Add(sum, hn::Add(hn::Mul(even(a), even(b)), hn::Mul(odd(a), odd(b))));
#endif
}

/// Two neighbouring codes in every lane.
HWY_INLINE SliceVector pair_of_codes(const std::int16_t* codes) {
  std::int32_t both;
  std::memcpy(&both, codes, sizeof both);
  return hn::BitCast(Slice(), hn::Set(Sum(), both));
}

#endif

}  // namespace stac::snn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
