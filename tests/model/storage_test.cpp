#include "stac/model/storage.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "stac/error.hpp"

namespace stac::model {
namespace {

float stored(Storage storage, float value) {
  store(storage, &value, 1);
  return value;
}

TEST(Storage, RoundsToTheNearestWithTiesToEven) {
  EXPECT_EQ(stored(Storage::f32, 1.0F + 0x1p-20F), 1.0F + 0x1p-20F);
  EXPECT_EQ(stored(Storage::bf16, 1.0F + 0x1p-8F), 1.0F);  // a tie
  EXPECT_EQ(stored(Storage::bf16, 1.0F + 0x3p-8F), 1.0F + 0x4p-8F);
  EXPECT_EQ(stored(Storage::bf16, 1.0F + 0x1.02p-8F), 1.0F + 0x1p-7F);
  EXPECT_EQ(stored(Storage::f16, 1.0F + 0x1p-11F), 1.0F);
  EXPECT_EQ(stored(Storage::f16, 1.0F + 0x3p-11F), 1.0F + 0x4p-11F);
  EXPECT_EQ(stored(Storage::f16, -0x1p-24F), -0x1p-24F);  // f16's smallest
}

TEST(Storage, HalvesEndAt65504AndBfloat16DoesNot) {
  EXPECT_EQ(stored(Storage::f16, 65504.0F), 65504.0F);
  EXPECT_TRUE(std::isinf(stored(Storage::f16, 65520.0F)));
  EXPECT_FALSE(std::isinf(stored(Storage::bf16, 1e38F)));
  EXPECT_TRUE(std::isnan(stored(Storage::bf16, std::numeric_limits<float>::quiet_NaN())));
}

TEST(Storage, NamesAreThoseOfTheFlag) {
  for (const Storage storage : {Storage::f32, Storage::bf16, Storage::f16}) {
    EXPECT_EQ(parse_storage(std::string(storage_name(storage))), storage);
  }
  EXPECT_THROW(static_cast<void>(parse_storage("f64")), UsageError);
}

}  // namespace
}  // namespace stac::model
