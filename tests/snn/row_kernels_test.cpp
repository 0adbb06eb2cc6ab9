#include "snn/row_kernels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "every_target.hpp"
#include "snn/elementwise_kernels.hpp"
#include "stac/snn/fixed_point.hpp"

namespace stac::snn {
namespace {

constexpr std::int64_t kSizes[] = {1, 2, 7, 8, 9, 15, 16, 31, 64, 65, 257, 1024, 1500, 3072};

std::vector<float> random_row(std::int64_t n, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> row(n);
  for (float& value : row) value = normal(random) * std::exp(3.0F * normal(random));
  return row;
}

double eight_partial_sums(const std::vector<float>& row, double centre, bool squares) {
  std::array<double, 8> partial{};
  for (std::size_t j = 0; j < row.size(); ++j) {
    const double centred = static_cast<double>(row[j]) - centre;
    partial[j % 8] += squares ? centred * centred : static_cast<double>(row[j]);
  }
  double sum = 0.0;
  for (const double part : partial) sum += part;
  return sum;
}

TEST(RowKernels, SumsHaveTheirOrderOnEveryTarget) {
  std::mt19937 random(51);
  for (const std::int64_t n : kSizes) {
    const std::vector<float> row = random_row(n, random);
    on_every_target([&] {
      EXPECT_EQ(ordered_sum(row.data(), n), eight_partial_sums(row, 0.0, false)) << n;
      EXPECT_EQ(ordered_squares(row.data(), n, 0.3), eight_partial_sums(row, 0.3, true)) << n;
    });
  }
}

TEST(RowKernels, CentresAndScalesEveryElementAlike) {
  std::mt19937 random(52);
  for (const std::int64_t n : kSizes) {
    const std::vector<float> row = random_row(n, random);
    std::vector<float> expected;
    for (const float x : row) expected.push_back(static_cast<float>((static_cast<double>(x) - 0.1) * 1.7));
    on_every_target([&] {
      std::vector<float> out = row;
      centre_and_scale(out.data(), n, 0.1, 1.7, out.data());
      EXPECT_EQ(out, expected) << n;
    });
  }
}

TEST(RowKernels, FindTheLargestWhereverItStands) {
  std::mt19937 random(53);
  for (const std::int64_t n : kSizes) {
    for (const std::int64_t place : {std::int64_t{0}, n / 2, n - 1}) {
      std::vector<float> row = random_row(n, random);
      std::uint32_t bits = 0;
      const auto check = [&] {
        bits = 0;
        for (const float x : row) bits = std::max(bits, std::bit_cast<std::uint32_t>(std::abs(x)));
        on_every_target([&] { EXPECT_EQ(largest_magnitude_bits(row.data(), n), bits) << n << " at " << place; });
      };
      row[place] = -1e9F;
      check();
      on_every_target([&] { EXPECT_EQ(largest_value(row.data(), n), *std::max_element(row.begin(), row.end())) << n; });
      row[place] = 1e9F;
      on_every_target([&] { EXPECT_EQ(largest_value(row.data(), n), 1e9F) << n << " at " << place; });
      row[place] = -std::numeric_limits<float>::infinity();
      check();
      row[place] = std::nanf("");
      check();
    }
  }
}

TEST(RowKernels, CountCodesAsTheTableSays) {
  std::mt19937 random(54);
  for (const std::int32_t levels : {1, 2, 15, 16, 17, 122, 255, 256}) {
    std::uniform_int_distribution<int> spikes(0, 255), level(-(levels - 1), levels - 1);
    std::vector<std::uint8_t> table(levels);
    for (std::uint8_t& count : table) count = static_cast<std::uint8_t>(spikes(random));
    for (const std::int64_t n : kSizes) {
      std::vector<std::int32_t> codes(n);
      for (std::int32_t& code : codes) code = level(random);
      CodeCounts expected;
      for (const std::int32_t code : codes) {
        expected.spikes += table[std::abs(code)];
        expected.silent += code == 0;
        expected.largest += std::abs(code) == levels - 1;
      }
      on_every_target([&] {
        const CodeCounts counts = count_codes(codes.data(), n, table.data(), levels, levels - 1);
        EXPECT_EQ(counts.spikes, expected.spikes) << levels << " levels, " << n;
        EXPECT_EQ(counts.silent, expected.silent) << levels << " levels, " << n;
        EXPECT_EQ(counts.largest, expected.largest) << levels << " levels, " << n;
      });
    }
  }
}

TEST(RowKernels, ScalesOfEachElementGiveTheCodesOfThatScale) {
  std::mt19937 random(56);
  std::uniform_real_distribution<float> positive(0.01F, 2.0F);
  for (const std::int64_t n : kSizes) {
    const std::vector<float> row = random_row(n, random);
    std::vector<float> scales(n);
    for (float& scale : scales) scale = positive(random);
    scales[n / 2] = std::numeric_limits<float>::infinity();
    std::vector<std::int32_t> expected(n);
    for (std::int64_t j = 0; j < n; ++j) {
      static_cast<void>(nearest_codes(row.data() + j, 1, scales[j], 15, expected.data() + j));
    }
    EXPECT_EQ(expected[n / 2], 0);
    on_every_target([&] {
      std::vector<std::int32_t> codes(n);
      static_cast<void>(nearest_codes_of_each(row.data(), n, scales.data(), 15, codes.data()));
      EXPECT_EQ(codes, expected) << n;
    });
  }
}

TEST(RowKernels, RoundToTheGridAsOneValueIs) {
  std::mt19937 random(55);
  for (const auto& [exponent, bits] : {std::pair{-24, 30}, {-12, 15}, {0, 7}, {-1, 30}}) {
    for (const std::int64_t n : kSizes) {
      std::vector<float> row = random_row(n, random);
      row[0] = 2.5F * std::ldexp(1.0F, exponent);  // a tie
      row[n / 2] = -1e30F;
      std::vector<std::int32_t> expected;
      for (const float x : row) expected.push_back(to_mantissa(x, exponent, bits));
      on_every_target([&] {
        std::vector<std::int32_t> mantissas(n);
        to_mantissas(row.data(), n, exponent, bits, mantissas.data());
        EXPECT_EQ(mantissas, expected) << n;
      });
    }
  }
}

}  // namespace
}  // namespace stac::snn
