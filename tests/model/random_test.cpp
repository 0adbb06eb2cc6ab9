#include "stac/model/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace stac::model {
namespace {

// Known answers of Random123's own test vectors (kat_vectors, philox4x32 10).
TEST(Random, PhiloxGivesTheKnownAnswersOfRandom123) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// (0xe169c58d6627e8d5 >> 11) / 2^53, by Python's integers.
TEST(Random, UniformIsMadeOfTheFirstTwoWords) { EXPECT_EQ(uniform(0, 0), 0x1.c2d38b1acc4fdp-1); }

TEST(Random, UniformUsesEveryBitOfSeedAndCounter) {
  std::set<double> seen{uniform(0, 0)};
  for (int bit = 0; bit < 64; ++bit) {
    EXPECT_TRUE(seen.insert(uniform(std::uint64_t{1} << bit, 0)).second) << "seed bit " << bit;
    EXPECT_TRUE(seen.insert(uniform(0, std::uint64_t{1} << bit)).second) << "counter bit " << bit;
  }
}

// Kolmogorov-Smirnov: with 20,000 numbers a distance above 1.63 / sqrt(n) has a probability below 1%.
TEST(Random, UniformNumbersAreUniform) {
  constexpr int kCount = 20000;
  std::vector<double> numbers;
  for (int i = 0; i < kCount; ++i) numbers.push_back(uniform(42, static_cast<std::uint64_t>(i)));
  std::sort(numbers.begin(), numbers.end());
  double distance = 0;
  for (int i = 0; i < kCount; ++i) {
    distance =
        std::max(distance, std::max((i + 1.0) / kCount - numbers[i], numbers[i] - static_cast<double>(i) / kCount));
  }
  EXPECT_LT(distance, 1.63 / std::sqrt(kCount));
  EXPECT_GE(numbers.front(), 0.0);
  EXPECT_LT(numbers.back(), 1.0);
}

}  // namespace
}  // namespace stac::model
