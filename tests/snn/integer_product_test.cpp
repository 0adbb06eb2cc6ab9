#include "snn/integer_product.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "every_target.hpp"
#include "snn/membrane_functions.hpp"

namespace stac::snn {
namespace {

struct Case {
  std::int64_t inputs;
  std::int64_t rows;
  std::int32_t largest_code;
  Slices slices = Slices::two;
};

// The product by its definition, against every instruction set of this machine.
TEST(IntegerProduct, EqualsThePlainLoopOnEveryTarget) {
  std::mt19937 random(5);
  for (const Case& c :
       {Case{1, 1, 1}, Case{7, 3, 255}, Case{64, 5, 255}, Case{513, 9, 255}, Case{768, 4, 4095}, Case{3072, 2, 255},
        Case{300, 6, 16383}, Case{1500, 5, 16383}, Case{1, 1, 1, Slices::one}, Case{7, 3, 255, Slices::one},
        Case{513, 9, 255, Slices::one}, Case{1500, 6, 16383, Slices::one}, Case{66, 2, 255}, Case{69, 7, 255},
        Case{69, 1, 255}, Case{69, 1, 255, Slices::one}, Case{65, 2, 255, Slices::one}}) {
    const std::int32_t largest = (1 << (kPanelSliceBits * static_cast<int>(c.slices))) - 1;
    std::uniform_int_distribution<std::int32_t> mantissa(-largest, largest);
    std::uniform_int_distribution<std::int32_t> code(-c.largest_code, c.largest_code);
    const std::int64_t pairs = (c.inputs + 1) / 2;
    std::vector<std::int32_t> weights(kPanelOutputs * c.inputs);
    std::vector<std::int16_t> panel(pairs * pair_elements(c.slices));
    std::vector<std::int16_t> codes(c.rows * pairs * 2);
    for (std::int64_t lane = 0; lane < kPanelOutputs; ++lane) {
      for (std::int64_t j = 0; j < c.inputs; ++j) {
        weights[lane * c.inputs + j] = j % 7 == 0 ? (lane % 2 ? largest : -largest) : mantissa(random);
        store_mantissa(panel.data(), c.slices, lane, j, weights[lane * c.inputs + j]);
      }
    }
    std::vector<std::int64_t> expected(c.rows * kPanelOutputs, 3);
    for (std::int64_t r = 0; r < c.rows; ++r) {
      for (std::int64_t j = 0; j < c.inputs; ++j) {
        const std::int32_t value = j % 5 == 0 ? (j % 2 ? c.largest_code : -c.largest_code) : code(random);
        codes[r * pairs * 2 + j] = static_cast<std::int16_t>(value);
        for (std::int64_t lane = 0; lane < kPanelOutputs; ++lane) {
          expected[r * kPanelOutputs + lane] += std::int64_t{value} * weights[lane * c.inputs + j];
        }
      }
    }
    on_every_target([&] {
      std::vector<std::int64_t> sums(c.rows * kPanelOutputs, 3);
      accumulate_panel(panel.data(), c.slices, pairs, codes.data(), pairs * 2, c.rows, pairs_per_flush(c.largest_code),
                       sums.data());
      EXPECT_EQ(sums, expected) << "inputs=" << c.inputs << " rows=" << c.rows;
    });
  }
}

TEST(IntegerProduct, LargestSumsOfABlockFitThirtyTwoBits) {
  for (const std::int32_t largest : {1, 121, 255, 1023, 4095, 16383}) {
    const std::int64_t pairs = pairs_per_flush(largest);
    EXPECT_GE(pairs, 1);
    EXPECT_LT(pairs * 2 * (1 << 15) * largest, std::int64_t{1} << 31) << largest;
  }
}

TEST(IntegerProduct, IsReadOutAsOneElementIsOnEveryTarget) {
  std::mt19937_64 random(6);
  for (const std::int64_t n : {1, 7, 8, 16, 33}) {
    std::vector<std::int64_t> sums(n);
    for (std::int64_t& sum : sums) sum = static_cast<std::int64_t>(random()) >> (random() % 60);
    std::vector<float> expected;
    for (const std::int64_t sum : sums) expected.push_back(read_out(sum, 1.7e-9, 0.0));
    on_every_target([&] {
      std::vector<float> out(n);
      read_out_row(sums.data(), n, 1.7e-9, out.data());
      EXPECT_EQ(out, expected) << n;
    });
  }
}

}  // namespace
}  // namespace stac::snn
