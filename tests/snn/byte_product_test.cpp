#include "snn/byte_product.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "every_target.hpp"
#include "random_panel.hpp"
#include "snn/membrane_functions.hpp"

namespace stac::snn {
namespace {

TEST(ByteProduct, EqualsThePlainLoopOnEveryTargetForEveryNumberOfRows) {
  std::mt19937 random(6);
  for (const std::int64_t inputs : {1, 2, 7, 64, 575, 768}) {
    for (const std::int64_t outputs : {1, 17, 63, 64}) {
      for (std::int64_t rows = 1; rows <= kByteRows; ++rows) {
        const Product product(inputs, outputs, rows, inputs == 7 ? 16383 : 255, 0.2, random);
        const std::vector<std::int32_t> expected = product.by_definition();
        on_every_target([&] {
          std::vector<std::int32_t> sums(rows * kByteOutputs, -1);
          multiply_bytes(product.panel.data(), {product.first_code(), product.stride, rows, nullptr, product.pairs},
                         sums.data());
          EXPECT_EQ(sums, expected) << inputs << " inputs, " << outputs << " outputs, " << rows << " rows";
        });
      }
    }
  }
}

TEST(ByteProduct, OfListedPairsLeavesNothingOutThatSpikes) {
  std::mt19937 random(7);
  for (const std::int64_t inputs : {1, 3, 64, 301}) {
    for (std::int64_t rows = 1; rows <= kByteRows; ++rows) {
      const Product product(inputs, 64, rows, 255, 0.9, random);
      std::vector<std::int32_t> listed;
      std::vector<std::int16_t> codes(rows * product.pairs * 2);
      for (std::int64_t pair = 0; pair < product.pairs; ++pair) {
        bool spikes = false;
        for (std::int64_t r = 0; r < rows; ++r) {
          const std::int16_t* const both = product.first_code() + r * product.stride + 2 * pair;
          spikes = spikes || both[0] != 0 || both[1] != 0;
          std::copy_n(both, 2, codes.data() + r * product.pairs * 2 + 2 * listed.size());
        }
        if (spikes) listed.push_back(static_cast<std::int32_t>(pair));
      }
      on_every_target([&] {
        std::vector<std::int32_t> sums(rows * kByteOutputs, -1);
        multiply_bytes(product.panel.data(),
                       {codes.data(), product.pairs * 2, rows, listed.data(), static_cast<std::int64_t>(listed.size())},
                       sums.data());
        EXPECT_EQ(sums, product.by_definition()) << inputs << " inputs, " << rows << " rows";
      });
    }
  }
}

TEST(ByteProduct, ListsThePairsThatSpikeOnEveryTarget) {
  std::mt19937 random(11);
  for (const std::int64_t inputs : {1, 3, 32, 33, 301}) {
    for (std::int64_t rows = 1; rows <= kByteRows; ++rows) {
      const Product product(inputs, 1, rows, 255, 0.9, random);
      const ByteCodes all{product.first_code(), product.stride, rows, nullptr, product.pairs};
      std::vector<std::int32_t> expected;
      for (std::int64_t pair = 0; pair < product.pairs; ++pair) {
        bool spikes = false;
        for (std::int64_t i = 0; i < 2 * rows; ++i) {
          spikes = spikes || product.first_code()[i / 2 * product.stride + 2 * pair + i % 2] != 0;
        }
        if (spikes) expected.push_back(static_cast<std::int32_t>(pair));
      }
      on_every_target([&] {
        const std::ptrdiff_t stride = 2 * (product.pairs + kListSlack);
        std::vector<std::int32_t> pairs(product.pairs + kListSlack);
        std::vector<std::int16_t> codes(rows * stride);
        pairs.resize(list_spiking_pairs(all, pairs.data(), codes.data(), stride));
        ASSERT_EQ(pairs, expected) << inputs << " inputs, " << rows << " rows";
        for (std::size_t i = 0; i < pairs.size(); ++i) {
          for (std::int64_t r = 0; r < rows; ++r) {
            EXPECT_EQ(codes[r * stride + 2 * i], product.first_code()[r * product.stride + 2 * pairs[i]]);
            EXPECT_EQ(codes[r * stride + 2 * i + 1], product.first_code()[r * product.stride + 2 * pairs[i] + 1]);
          }
        }
      });
    }
  }
}

TEST(ByteProduct, LargestSumsFitThirtyTwoBits) {
  for (const std::int32_t largest : {1, 121, 255, 4095, 16383}) {
    const std::int64_t pairs = byte_pairs_that_fit(largest);
    EXPECT_GE(pairs, 1);
    EXPECT_LT(pairs * 2 * 128 * largest, std::int64_t{1} << 31) << largest;
  }
  const std::int64_t pairs = byte_pairs_that_fit(16383);
  std::vector<std::int8_t> panel(pairs * kBytePair, -127);
  const std::vector<std::int16_t> codes(2 * pairs, 16383);
  on_every_target([&] {
    std::vector<std::int32_t> sums(kByteOutputs);
    multiply_bytes(panel.data(), {codes.data(), 2 * pairs, 1, nullptr, pairs}, sums.data());
    EXPECT_EQ(sums.front(), 2 * pairs * 16383 * -127);
  });
}

TEST(ByteProduct, IsReadOutAsOneElementIsOnEveryTarget) {
  std::mt19937 random(8);
  std::normal_distribution<double> normal;
  std::uniform_int_distribution<std::int32_t> integer(std::numeric_limits<std::int32_t>::min());
  for (const std::int64_t n : {1, 3, 8, 63, 64}) {
    std::vector<std::int32_t> sums(n);
    std::vector<double> unit(n), bias(n);
    for (std::int64_t i = 0; i < n; ++i) {
      sums[i] = integer(random);
      unit[i] = normal(random) * 1e-6;
      bias[i] = normal(random);
    }
    const auto row_unit = static_cast<double>(static_cast<float>(normal(random)));
    std::vector<float> expected(n);
    for (std::int64_t i = 0; i < n; ++i) expected[i] = read_out(sums[i], row_unit * unit[i], bias[i]);
    on_every_target([&] {
      std::vector<float> out(n);
      read_out_row(sums.data(), n, row_unit, unit.data(), bias.data(), out.data());
      EXPECT_EQ(out, expected) << n;
    });
  }
}

}  // namespace
}  // namespace stac::snn
