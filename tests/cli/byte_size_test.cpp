#include "stac/cli/byte_size.hpp"

#include <gtest/gtest.h>

#include "stac/error.hpp"

namespace stac::cli {
namespace {

TEST(ByteSize, UnitsAreThoseOfDd) {
  EXPECT_EQ(parse_byte_size("--x", "64M"), 64u << 20);
  EXPECT_EQ(parse_byte_size("--x", "64m"), 64u << 20);
  EXPECT_EQ(parse_byte_size("--x", "64MiB"), 64u << 20);
  EXPECT_EQ(parse_byte_size("--x", "64MB"), 64'000'000u);
  EXPECT_EQ(parse_byte_size("--x", "1.5K"), 1536u);
  EXPECT_EQ(parse_byte_size("--x", "2kB"), 2000u);
  EXPECT_EQ(parse_byte_size("--x", "3T"), std::uint64_t{3} << 40);
  EXPECT_EQ(parse_byte_size("--x", "17"), 17u);
  EXPECT_EQ(parse_byte_size("--x", "17B"), 17u);
  EXPECT_EQ(parse_byte_size("--x", "0.5G"), std::uint64_t{1} << 29);
}

TEST(ByteSize, WhatIsNoSizeIsRefused) {
  for (const char* const wrong : {"", "M", "-1M", "64 M", "64X", "64MM", "64iB", "nan", "inf", "0", "0.2", "1e3",
                                  "1e9T", "99999999T", "64M ", "0x10", "1,5G"}) {
    EXPECT_THROW((void)parse_byte_size("--x", wrong), UsageError) << wrong;
  }
}

TEST(ByteSize, IsShownInTheLargestUnitThatIsNotBelowOne) {
  EXPECT_EQ(byte_size_text(1023), "1023 bytes");
  EXPECT_EQ(byte_size_text(1536), "1.5 KiB");
  EXPECT_EQ(byte_size_text(64u << 20), "64 MiB");
}

}  // namespace
}  // namespace stac::cli
