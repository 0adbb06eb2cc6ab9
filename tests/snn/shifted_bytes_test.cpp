#include "snn/shifted_bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "every_target.hpp"
#include "snn/integer_product.hpp"

namespace stac::snn {
namespace {

constexpr std::int32_t kLargest = (1 << 15) - 1;

TEST(ShiftedBytes, TakeTheSmallestShiftThatLeavesNothingAbove127ButByRounding) {
  for (std::int32_t largest = 0; largest <= kLargest; ++largest) {
    const std::vector<std::int32_t> mantissas{largest / 3, -largest, largest / 2};
    const int shift = byte_shift(mantissas.data(), 3);
    ASSERT_LT(largest, 128 << shift);
    ASSERT_TRUE(shift == 0 || largest >= 128 << (shift - 1)) << largest;
  }
}

// The nearest by the library's own rounding, in its default mode: ties to even.
TEST(ShiftedBytes, AreTheNearestWithTiesToEven) {
  for (int shift = 0; shift <= 8; ++shift) {
    for (std::int32_t mantissa = -(128 << shift) + 1; mantissa < 128 << shift; ++mantissa) {
      const double nearest = std::nearbyint(mantissa / static_cast<double>(1 << shift));
      ASSERT_EQ(to_byte(mantissa, shift), static_cast<int>(std::clamp(nearest, -127.0, 127.0))) << mantissa;
    }
  }
}

TEST(ShiftedBytes, RoundedAgainStayWhatTheyAre) {
  std::mt19937 random(3);
  for (int trial = 0; trial < 2000; ++trial) {
    const std::int32_t bound = kLargest >> (trial % 15);
    std::uniform_int_distribution<std::int32_t> mantissa(-bound, bound);
    std::vector<std::int32_t> once(13);
    for (std::int32_t& m : once) m = mantissa(random);
    round_to_bytes(once.data(), 13);
    std::vector<std::int32_t> twice = once;
    round_to_bytes(twice.data(), 13);
    ASSERT_EQ(once, twice);
    for (const std::int32_t m : once) ASSERT_LE(std::abs(m), kLargest);
  }
}

// The panel by its definition, against every instruction set of this machine.
TEST(ShiftedBytes, AreWidenedByTheirOwnFactorOnEveryTarget) {
  std::mt19937 random(4);
  std::uniform_int_distribution<int> byte(-128, 127), shift(0, 8);
  for (const std::int64_t pairs : {1, 2, 7, 32, 129}) {
    std::vector<std::int8_t> panel(pairs * kSliceElements);
    for (std::int8_t& b : panel) b = static_cast<std::int8_t>(byte(random));
    std::vector<std::int16_t> of_lane(kPanelOutputs), of_input(2 * pairs);
    for (std::int16_t& f : of_lane) f = static_cast<std::int16_t>(1 << shift(random));
    for (std::int16_t& f : of_input) f = static_cast<std::int16_t>(1 << shift(random));
    std::vector<std::int16_t> by_outputs(panel.size()), by_inputs(panel.size());
    for (std::int64_t lane = 0; lane < kPanelOutputs; ++lane) {
      for (std::int64_t input = 0; input < 2 * pairs; ++input) {
        const std::int64_t at = panel_offset(Slices::one, lane, input);
        by_outputs[at] = static_cast<std::int16_t>(panel[at] * of_lane[lane]);
        by_inputs[at] = static_cast<std::int16_t>(panel[at] * of_input[input]);
      }
    }
    on_every_target([&] {
      std::vector<std::int16_t> wide(panel.size());
      widen_by_outputs(panel.data(), pairs, of_lane.data(), wide.data());
      EXPECT_EQ(wide, by_outputs) << pairs;
      widen_by_inputs(panel.data(), pairs, of_input.data(), wide.data());
      EXPECT_EQ(wide, by_inputs) << pairs;
    });
  }
}

}  // namespace
}  // namespace stac::snn
