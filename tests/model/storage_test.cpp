#include "stac/model/storage.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "stac/error.hpp"

namespace stac::model {
namespace {

template <typename Format>
float stored(Format format, float value) {
  store(format, &value, 1);
  return value;
}

TEST(Storage, RoundsToTheNearestWithTiesToEven) {
  EXPECT_EQ(stored(MembraneFormat::f32, 1.0F + 0x1p-20F), 1.0F + 0x1p-20F);
  EXPECT_EQ(stored(MembraneFormat::bf16, 1.0F + 0x1p-8F), 1.0F);  // a tie
  EXPECT_EQ(stored(MembraneFormat::bf16, 1.0F + 0x3p-8F), 1.0F + 0x4p-8F);
  EXPECT_EQ(stored(MembraneFormat::bf16, 1.0F + 0x1.02p-8F), 1.0F + 0x1p-7F);
  EXPECT_EQ(stored(MembraneFormat::f16, 1.0F + 0x1p-11F), 1.0F);
  EXPECT_EQ(stored(MembraneFormat::f16, 1.0F + 0x3p-11F), 1.0F + 0x4p-11F);
  EXPECT_EQ(stored(MembraneFormat::f16, -0x1p-24F), -0x1p-24F);  // f16's smallest
}

TEST(Storage, HalvesEndAt65504AndBfloat16DoesNot) {
  EXPECT_EQ(stored(MembraneFormat::f16, 65504.0F), 65504.0F);
  EXPECT_TRUE(std::isinf(stored(MembraneFormat::f16, 65520.0F)));
  EXPECT_FALSE(std::isinf(stored(MembraneFormat::bf16, 1e38F)));
  EXPECT_TRUE(std::isnan(stored(MembraneFormat::bf16, std::numeric_limits<float>::quiet_NaN())));
}

TEST(Storage, ACacheRoundsToItsFormatAndBytesAreRoundedElsewhere) {
  const float value = 1.0F + 0x3p-9F + 0x1p-13F;
  EXPECT_EQ(stored(CacheFormat::f32, value), value);
  EXPECT_EQ(stored(CacheFormat::int8, value), value);
  EXPECT_EQ(stored(CacheFormat::bf16, value), 1.0F + 0x4p-9F);
  EXPECT_EQ(stored(CacheFormat::f16, value), 1.0F + 0x3p-9F);
}

TEST(Storage, ACacheIsInItsMembranesFormatUnlessToldOtherwise) {
  EXPECT_EQ(cache_format_of(MembraneFormat::f32), CacheFormat::f32);
  EXPECT_EQ(cache_format_of(MembraneFormat::bf16), CacheFormat::bf16);
  EXPECT_EQ(cache_format_of(MembraneFormat::f16), CacheFormat::f16);
}

TEST(Storage, NamesAreThoseOfTheFlags) {
  for (const MembraneFormat format : {MembraneFormat::f32, MembraneFormat::bf16, MembraneFormat::f16}) {
    EXPECT_EQ(parse_membrane_format(std::string(format_name(format))), format);
  }
  for (const CacheFormat format : {CacheFormat::f32, CacheFormat::bf16, CacheFormat::f16, CacheFormat::int8}) {
    EXPECT_EQ(parse_cache_format(std::string(format_name(format))), format);
  }
  EXPECT_THROW(static_cast<void>(parse_membrane_format("int8")), UsageError);
  EXPECT_THROW(static_cast<void>(parse_cache_format("q8_0")), UsageError);
  EXPECT_EQ(storage_name({MembraneFormat::bf16, CacheFormat::bf16}), "bf16");
  EXPECT_EQ(storage_name({MembraneFormat::f32, CacheFormat::int8}), "f32, cache int8");
}

}  // namespace
}  // namespace stac::model
