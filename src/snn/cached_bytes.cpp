#include "snn/cached_bytes.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

#include "snn/integer_product.hpp"
#include "snn/vector_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "snn/cached_bytes.cpp"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

#include "snn/pair_products.hpp"

HWY_BEFORE_NAMESPACE();
#if HWY_TARGET == HWY_AVX3_DL && HWY_COMPILER_GCC_ACTUAL
#pragma GCC target("avx512vnni")  // as pair_products.hpp, whose functions it calls
#endif
namespace stac::snn::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The quotient in f32 is exact enough: from a tie it is off by nothing, and what is no tie lies 2^-10 from one at
// least.
void ToBytes(const std::int32_t* mantissas, std::int64_t n, int step, std::int8_t* bytes) {
  const hn::CappedTag<float, 16> d;
  const hn::RebindToSigned<decltype(d)> wide;
  const hn::Rebind<std::int8_t, decltype(d)> narrow;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto steps = hn::Set(d, static_cast<float>(step));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto nearest = hn::NearestInt(hn::Div(hn::ConvertTo(d, hn::LoadU(wide, mantissas + i)), steps));
    const auto saturated = hn::Min(hn::Max(nearest, hn::Set(wide, -127)), hn::Set(wide, 127));
    hn::StoreU(hn::DemoteTo(narrow, saturated), narrow, bytes + i);
  }
  for (; i < n; ++i) {
    const float nearest = std::nearbyint(static_cast<float>(mantissas[i]) / static_cast<float>(step));
    bytes[i] = static_cast<std::int8_t>(std::clamp(nearest, -127.0F, 127.0F));
  }
}

#if HWY_TARGET == HWY_SCALAR

void WidenByOutputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* output_steps,
                    std::int16_t* wide) {
  for (std::int64_t i = 0; i < pairs * kSliceElements; ++i) {
    wide[i] = static_cast<std::int16_t>(panel[i] * output_steps[i % kSliceElements / 2]);
  }
}

void WidenByInputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* input_steps, std::int16_t* wide) {
  for (std::int64_t i = 0; i < pairs * kSliceElements; ++i) {
    wide[i] = static_cast<std::int16_t>(panel[i] * input_steps[i / kSliceElements * 2 + i % 2]);
  }
}

#else

HWY_INLINE void widen(const std::int8_t* bytes, SliceVector steps, std::int16_t* wide) {
  const hn::Rebind<std::int8_t, Slice> narrow;
  hn::StoreU(hn::Mul(hn::PromoteTo(Slice(), hn::LoadU(narrow, bytes)), steps), Slice(), wide);
}

void WidenByOutputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* output_steps,
                    std::int16_t* wide) {
  std::int16_t of_both[kSliceElements];
  for (std::int64_t i = 0; i < kSliceElements; ++i) of_both[i] = output_steps[i / 2];
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Slice()));
  for (std::int64_t part = 0; part < kSliceElements; part += lanes) {
    const SliceVector steps = hn::LoadU(Slice(), of_both + part);
    for (std::int64_t i = part; i < pairs * kSliceElements; i += kSliceElements) widen(panel + i, steps, wide + i);
  }
}

void WidenByInputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* input_steps, std::int16_t* wide) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Slice()));
  for (std::int64_t pair = 0; pair < pairs; ++pair) {
    const SliceVector steps = pair_of_codes(input_steps + 2 * pair);
    for (std::int64_t part = 0; part < kSliceElements; part += lanes) {
      widen(panel + pair * kSliceElements + part, steps, wide + pair * kSliceElements + part);
    }
  }
}

#endif

}  // namespace stac::snn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stac::snn {

HWY_EXPORT(ToBytes);
HWY_EXPORT(WidenByOutputs);
HWY_EXPORT(WidenByInputs);

namespace {

std::int32_t largest_magnitude(const std::int32_t* mantissas, std::int64_t n) {
  std::int32_t largest = 0;
  for (std::int64_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(mantissas[i]));
  return largest;
}

}  // namespace

int key_step(const std::int32_t* mantissas, std::int64_t n) {
  return std::max((2 * largest_magnitude(mantissas, n) + 254) / 255, 1);
}

int value_step(const std::int32_t* mantissas, std::int64_t n) {
  const int bits = std::bit_width(static_cast<std::uint32_t>(largest_magnitude(mantissas, n)));
  return 1 << std::max(bits - 7, 0);
}

void to_bytes(const std::int32_t* mantissas, std::int64_t n, int step, std::int8_t* bytes) {
  HWY_DYNAMIC_DISPATCH(ToBytes)(mantissas, n, step, bytes);
}

void widen_by_outputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* output_steps,
                      std::int16_t* wide) {
  HWY_DYNAMIC_DISPATCH(WidenByOutputs)(panel, pairs, output_steps, wide);
}

void widen_by_inputs(const std::int8_t* panel, std::int64_t pairs, const std::int16_t* input_steps,
                     std::int16_t* wide) {
  HWY_DYNAMIC_DISPATCH(WidenByInputs)(panel, pairs, input_steps, wide);
}

}  // namespace stac::snn
#endif
