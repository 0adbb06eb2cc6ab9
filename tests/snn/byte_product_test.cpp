#include "snn/byte_product.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "every_target.hpp"
#include "snn/membrane_functions.hpp"

namespace stac::snn {
namespace {

// Weights of one panel beside a plain copy of them, and codes of a few rows.
struct Product {
  std::int64_t inputs, outputs, rows, pairs;
  std::vector<std::int8_t> weights, panel;
  std::vector<std::int16_t> codes;  // [rows, stride], at an odd offset
  std::ptrdiff_t stride;

  Product(std::int64_t inputs_, std::int64_t outputs_, std::int64_t rows_, int largest_code, double silent,
          std::mt19937& random)
      : inputs(inputs_), outputs(outputs_), rows(rows_), pairs((inputs_ + 1) / 2), stride(2 * pairs + 3) {
    std::uniform_int_distribution<int> weight(-127, 127), code(-largest_code, largest_code);
    std::bernoulli_distribution is_silent(silent);
    for (std::int64_t i = 0; i < inputs * outputs; ++i) weights.push_back(static_cast<std::int8_t>(weight(random)));
    panel.assign(pairs * kBytePair, 99);
    pack_byte_panel(weights.data(), outputs, inputs, panel.data());
    codes.assign(1 + rows * stride, 0);
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t j = 0; j < inputs; ++j) {
        if (!is_silent(random)) codes[1 + r * stride + j] = static_cast<std::int16_t>(code(random));
      }
      codes[1 + r * stride] = static_cast<std::int16_t>(largest_code);
    }
  }

  [[nodiscard]] const std::int16_t* first_code() const { return codes.data() + 1; }

  [[nodiscard]] std::vector<std::int32_t> by_definition() const {
    std::vector<std::int32_t> sums(rows * kByteOutputs);
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t o = 0; o < outputs; ++o) {
        for (std::int64_t j = 0; j < inputs; ++j) {
          sums[r * kByteOutputs + o] += first_code()[r * stride + j] * weights[o * inputs + j];
        }
      }
    }
    return sums;
  }
};

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

std::vector<std::int32_t> by_quads(const std::int8_t* panel, const ByteCodes& codes) {
  std::vector<CodeQuad> quads(codes.rows * ((codes.count + 1) / 2));
  std::vector<std::int32_t> sums(codes.rows * kByteOutputs, -1);
  multiply_quads(panel, pack_quads(codes, quads.data()), sums.data());
  return sums;
}

TEST(ByteProduct, OfQuadsEqualsThePlainLoopOnEveryTargetForEveryNumberOfRows) {
  std::mt19937 random(9);
  for (const std::int64_t inputs : {1, 2, 3, 7, 64, 66, 575, 768}) {
    for (const std::int64_t outputs : {1, 17, 64}) {
      for (std::int64_t rows = 1; rows <= kByteRows; ++rows) {
        const Product product(inputs, outputs, rows, kLargestQuadCode, 0.2, random);
        const std::vector<std::int32_t> expected = product.by_definition();
        on_every_target([&] {
          EXPECT_EQ(
              by_quads(product.panel.data(), {product.first_code(), product.stride, rows, nullptr, product.pairs}),
              expected)
              << inputs << " inputs, " << outputs << " outputs, " << rows << " rows";
        });
      }
    }
  }
}

TEST(ByteProduct, OfQuadsOfListedPairsEqualsThatOfTheSamePairs) {
  std::mt19937 random(10);
  for (const std::int64_t count : {1, 2, 5, 40}) {
    for (std::int64_t rows = 1; rows <= kByteRows; ++rows) {
      const Product product(301, 64, rows, kLargestQuadCode, 0.5, random);
      std::vector<std::int32_t> listed;
      for (std::int64_t i = 0; i < count; ++i) listed.push_back(static_cast<std::int32_t>(3 * i));
      const ByteCodes codes{product.first_code(), product.stride, rows, listed.data(), count};
      on_every_target([&] {
        std::vector<std::int32_t> expected(rows * kByteOutputs);
        multiply_bytes(product.panel.data(), codes, expected.data());
        EXPECT_EQ(by_quads(product.panel.data(), codes), expected) << count << " pairs, " << rows << " rows";
      });
    }
  }
}

TEST(ByteProduct, OfQuadsIsExactAtTheEndsOfBothRanges) {
  const std::int64_t pairs = byte_pairs_that_fit(kLargestQuadCode);
  for (const int weight : {-128, 127}) {
    for (const int code : {-kLargestQuadCode, kLargestQuadCode}) {
      const std::vector<std::int8_t> panel(pairs * kBytePair, static_cast<std::int8_t>(weight));
      const std::vector<std::int16_t> codes(2 * pairs, static_cast<std::int16_t>(code));
      on_every_target([&] {
        const std::vector<std::int32_t> sums = by_quads(panel.data(), {codes.data(), 2 * pairs, 1, nullptr, pairs});
        EXPECT_EQ(sums, std::vector<std::int32_t>(kByteOutputs, static_cast<std::int32_t>(2 * pairs * code * weight)));
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
