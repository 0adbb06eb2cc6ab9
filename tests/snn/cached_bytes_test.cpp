#include "snn/cached_bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "every_target.hpp"
#include "snn/integer_product.hpp"

namespace stac::snn {
namespace {

constexpr std::int32_t kLargest = (1 << 15) - 1;

TEST(CachedBytes, HaveTheSmallestStepsThatReachTheLargest) {
  for (std::int32_t largest = 0; largest <= kLargest; ++largest) {
    const std::vector<std::int32_t> mantissas{largest / 3, -largest, largest / 2};
    const int of_key = key_step(mantissas.data(), 3), of_value = value_step(mantissas.data(), 3);
    ASSERT_LE(2 * largest, 255 * of_key);
    ASSERT_TRUE(of_key == 1 || 2 * largest > 255 * (of_key - 1)) << largest;
    ASSERT_LT(largest, 128 * of_value);
    ASSERT_TRUE(of_value == 1 || largest >= 64 * of_value) << largest;
    ASSERT_EQ(of_value & (of_value - 1), 0);
  }
}

// The nearest by the library's own rounding, in its default mode: ties to even.
TEST(CachedBytes, AreTheNearestWithTiesToEvenOnEveryTarget) {
  for (const int step : {1, 2, 3, 7, 8, 64, 100, 255, 256, 257}) {
    std::vector<std::int32_t> mantissas;
    std::vector<std::int8_t> expected;
    for (std::int32_t mantissa = -128 * step; mantissa <= 128 * step; ++mantissa) {
      mantissas.push_back(mantissa);
      const double nearest = std::nearbyint(mantissa / static_cast<double>(step));
      expected.push_back(static_cast<std::int8_t>(std::clamp(nearest, -127.0, 127.0)));
    }
    on_every_target([&] {
      std::vector<std::int8_t> bytes(mantissas.size());
      to_bytes(mantissas.data(), static_cast<std::int64_t>(mantissas.size()), step, bytes.data());
      EXPECT_EQ(bytes, expected) << step;
    });
  }
}

TEST(CachedBytes, InTheirStepsStayBelowFifteenBitsAndWithinHalfAStep) {
  std::mt19937 random(3);
  for (int trial = 0; trial < 2000; ++trial) {
    const std::int32_t bound = kLargest >> (trial % 15);
    std::uniform_int_distribution<std::int32_t> mantissa(-bound, bound);
    std::vector<std::int32_t> mantissas(13);
    for (std::int32_t& m : mantissas) m = mantissa(random);
    for (const auto& [step, reach] :
         {std::pair{key_step(mantissas.data(), 13), 0.5}, {value_step(mantissas.data(), 13), 1.0}}) {
      std::vector<std::int8_t> bytes(13);
      to_bytes(mantissas.data(), 13, step, bytes.data());
      for (std::size_t i = 0; i < 13; ++i) {
        ASSERT_LE(std::abs(bytes[i] * step), kLargest);
        ASSERT_LE(std::abs(bytes[i] * step - mantissas[i]), std::abs(bytes[i]) == 127 ? reach * step : 0.5 * step);
      }
    }
  }
}

// The panel by its definition, against every instruction set of this machine.
TEST(CachedBytes, AreWidenedByTheirOwnStepOnEveryTarget) {
  std::mt19937 random(4);
  std::uniform_int_distribution<int> byte(-127, 127), step(1, 257);
  for (const std::int64_t pairs : {1, 2, 7, 32, 129}) {
    std::vector<std::int8_t> panel(pairs * kSliceElements);
    for (std::int8_t& b : panel) b = static_cast<std::int8_t>(byte(random));
    std::vector<std::int16_t> of_output(kPanelOutputs), of_input(2 * pairs);
    for (std::int16_t& s : of_output) s = static_cast<std::int16_t>(step(random));
    for (std::int16_t& s : of_input) s = static_cast<std::int16_t>(step(random));
    std::vector<std::int16_t> by_outputs(panel.size()), by_inputs(panel.size());
    for (std::int64_t lane = 0; lane < kPanelOutputs; ++lane) {
      for (std::int64_t input = 0; input < 2 * pairs; ++input) {
        const std::int64_t at = panel_offset(Slices::one, lane, input);
        by_outputs[at] = static_cast<std::int16_t>(panel[at] * of_output[lane]);
        by_inputs[at] = static_cast<std::int16_t>(panel[at] * of_input[input]);
      }
    }
    on_every_target([&] {
      std::vector<std::int16_t> wide(panel.size());
      widen_by_outputs(panel.data(), pairs, of_output.data(), wide.data());
      EXPECT_EQ(wide, by_outputs) << pairs;
      widen_by_inputs(panel.data(), pairs, of_input.data(), wide.data());
      EXPECT_EQ(wide, by_inputs) << pairs;
    });
  }
}

}  // namespace
}  // namespace stac::snn
