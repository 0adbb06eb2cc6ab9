#include "snn/shifted_bytes.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "snn/integer_product.hpp"
#include "snn/vector_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "snn/shifted_bytes.cpp"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

#include "snn/pair_products.hpp"

HWY_BEFORE_NAMESPACE();
#if HWY_TARGET == HWY_AVX3_DL && HWY_COMPILER_GCC_ACTUAL
#pragma GCC target("avx512vnni")  // as pair_products.hpp, whose functions it calls
#endif
namespace stac::snn::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void WidenByOutputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* lane_factors,
                    std::int16_t* wide) {
  for (std::int64_t i = 0; i < pairs * kSliceElements; ++i) {
    wide[i] = static_cast<std::int16_t>(panel[i] * lane_factors[i % kSliceElements / 2]);
  }
}

void WidenByInputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* input_factors,
                   std::int16_t* wide) {
  for (std::int64_t i = 0; i < pairs * kSliceElements; ++i) {
    wide[i] = static_cast<std::int16_t>(panel[i] * input_factors[i / kSliceElements * 2 + i % 2]);
  }
}

#else

HWY_INLINE void widen(const std::int8_t* bytes, SliceVector factors, std::int16_t* wide) {
  const hn::Rebind<std::int8_t, Slice> narrow;
  hn::StoreU(hn::Mul(hn::PromoteTo(Slice(), hn::LoadU(narrow, bytes)), factors), Slice(), wide);
}

void WidenByOutputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* lane_factors,
                    std::int16_t* wide) {
  std::int16_t of_both[kSliceElements];
  for (std::int64_t i = 0; i < kSliceElements; ++i) of_both[i] = lane_factors[i / 2];
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Slice()));
  for (std::int64_t part = 0; part < kSliceElements; part += lanes) {
    const SliceVector factors = hn::LoadU(Slice(), of_both + part);
    for (std::int64_t i = part; i < pairs * kSliceElements; i += kSliceElements) widen(panel + i, factors, wide + i);
  }
}

void WidenByInputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* input_factors,
                   std::int16_t* wide) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Slice()));
  for (std::int64_t pair = 0; pair < pairs; ++pair) {
    const SliceVector factors = pair_of_codes(input_factors + 2 * pair);
    for (std::int64_t part = 0; part < kSliceElements; part += lanes) {
      widen(panel + pair * kSliceElements + part, factors, wide + pair * kSliceElements + part);
    }
  }
}

#endif

}  // namespace stac::snn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stac::snn {

HWY_EXPORT(WidenByOutputs);
HWY_EXPORT(WidenByInputs);

int byte_shift(const std::int32_t* mantissas, std::int64_t n) {
  std::uint32_t bits = 0;  // those of the largest magnitude, and none higher
  for (std::int64_t i = 0; i < n; ++i) bits |= static_cast<std::uint32_t>(std::abs(mantissas[i]));
  return std::max(static_cast<int>(std::bit_width(bits)) - 7, 0);
}

std::int8_t to_byte(std::int32_t mantissa, int shift) {
  // A half less one, and one more where the whole number below is odd: what it takes to round ties to even.
  const std::int32_t below = mantissa >> shift;
  const std::int32_t nearest = shift == 0 ? mantissa : (mantissa + (1 << (shift - 1)) - 1 + (below & 1)) >> shift;
  return static_cast<std::int8_t>(std::clamp(nearest, -127, 127));
}

void round_to_bytes(std::int32_t* mantissas, std::int64_t n) {
  const int shift = byte_shift(mantissas, n);
  for (std::int64_t i = 0; i < n; ++i) mantissas[i] = to_byte(mantissas[i], shift) * (1 << shift);
}

void widen_by_outputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* lane_factors,
                      std::int16_t* wide) {
  HWY_DYNAMIC_DISPATCH(WidenByOutputs)(panel, pairs, lane_factors, wide);
}

void widen_by_inputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* input_factors,
                     std::int16_t* wide) {
  HWY_DYNAMIC_DISPATCH(WidenByInputs)(panel, pairs, input_factors, wide);
}

}  // namespace stac::snn
#endif
