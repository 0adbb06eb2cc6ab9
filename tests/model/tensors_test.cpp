#include "stac/model/tensors.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstring>

#include "stac/error.hpp"

namespace stac::model {
namespace {

io::TensorView view_of(const std::shared_ptr<std::vector<std::byte>>& bytes, std::size_t offset, io::DType dtype,
                       std::vector<std::int64_t> shape, std::size_t size) {
  return {dtype, std::move(shape), {bytes->data() + offset, size}, bytes};
}

TEST(Tensors, SharesAlignedBytesAndKeepsTheirOwnerAlive) {
  auto bytes = std::make_shared<std::vector<std::byte>>(16);
  const std::weak_ptr<std::vector<std::byte>> watch = bytes;
  at::Tensor tensor = to_tensor(view_of(bytes, 0, io::DType::f32, {2, 2}, 16), "x");
  EXPECT_EQ(tensor.data_ptr(), bytes->data());
  bytes.reset();
  EXPECT_FALSE(watch.expired());
  tensor.reset();
  EXPECT_TRUE(watch.expired());
}

TEST(Tensors, CopiesBytesThatAreNotAligned) {
  auto bytes = std::make_shared<std::vector<std::byte>>(16);
  const float values[] = {1.5F, -2.F};
  std::memcpy(bytes->data() + 3, values, sizeof values);
  const at::Tensor tensor = to_tensor(view_of(bytes, 3, io::DType::f32, {2}, 8), "x");
  EXPECT_NE(tensor.data_ptr(), bytes->data() + 3);
  EXPECT_EQ(tensor[0].item<float>(), 1.5F);
  EXPECT_EQ(tensor[1].item<float>(), -2.F);
}

TEST(Tensors, ATensorSurvivesTheWayThroughAView) {
  for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort,
                                    at::kChar, at::kByte, at::kBool}) {
    const at::Tensor tensor = at::arange(6).view({2, 3}).to(type).t();
    EXPECT_TRUE(at::equal(to_tensor(to_view(tensor), "x"), tensor)) << c10::toString(type);
  }
}

TEST(Tensors, EmptyTensorsAreFine) {
  EXPECT_EQ(to_tensor({io::DType::f32, {0, 4}, {}, nullptr}, "x").sizes(), (std::vector<std::int64_t>{0, 4}));
}

TEST(Tensors, TypesThatCannotBeComputedWithAreRefused) {
  EXPECT_THROW(static_cast<void>(to_tensor({io::DType::u32, {0}, {}, nullptr}, "x")), Error);
  EXPECT_THROW(static_cast<void>(to_view(at::zeros({1}, at::kComplexFloat))), Error);
}

}  // namespace
}  // namespace stac::model
