#include "stac/io/safetensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "io/io_test_support.hpp"
#include "support/test_paths.hpp"

namespace stac::io {
namespace {

using stac::testing::TemporaryFolder;
using stac::testing::test_data;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::read_bytes;
using testing::safetensors_bytes;
using testing::write_bytes;

template <typename T>
std::vector<T> values_of(const TensorView& view) {
  std::vector<T> values(view.bytes.size() / sizeof(T));
  std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
  return values;
}

std::vector<NamedTensor> borrow_all(const SafetensorsFile& file) {
  std::vector<NamedTensor> tensors;
  for (const std::string& name : file.names()) {
    const TensorView view = file.tensor(name);
    tensors.push_back({name, view.dtype, view.shape, view.bytes});
  }
  return tensors;
}

class Golden : public ::testing::Test {
 protected:
  std::filesystem::path path_ = test_data("io/all_dtypes.safetensors");
  std::shared_ptr<const SafetensorsFile> file_ = SafetensorsFile::open(path_);
};

TEST_F(Golden, FloatsReadAsPythonWroteThem) {
  EXPECT_THAT(values_of<double>(file_->tensor("f64")), ElementsAre(0.0, 1.0, -1.0, 0.5, -2.5, 3.0));
  EXPECT_THAT(values_of<float>(file_->tensor("f32")), ElementsAre(0.0F, 1.0F, -1.0F, 0.5F, -2.5F, 3.0F));
  // IEEE half: sign, 5 bits of exponent biased by 15, 10 of fraction. bfloat16: the upper half of a float.
  EXPECT_THAT(values_of<std::uint16_t>(file_->tensor("f16")),
              ElementsAre(0x0000, 0x3C00, 0xBC00, 0x3800, 0xC100, 0x4200));
  EXPECT_THAT(values_of<std::uint16_t>(file_->tensor("bf16")),
              ElementsAre(0x0000, 0x3F80, 0xBF80, 0x3F00, 0xC020, 0x4040));
}

TEST_F(Golden, IntegersReadAsPythonWroteThem) {
  EXPECT_THAT(values_of<std::int64_t>(file_->tensor("int64")), ElementsAre(0, 1, 2, 3, 100, 127));
  EXPECT_THAT(values_of<std::int32_t>(file_->tensor("int32")), ElementsAre(0, 1, 2, 3, 100, 127));
  EXPECT_THAT(values_of<std::int16_t>(file_->tensor("int16")), ElementsAre(0, 1, 2, 3, 100, 127));
  EXPECT_THAT(values_of<std::int8_t>(file_->tensor("int8")), ElementsAre(0, 1, 2, 3, 100, 127));
  EXPECT_THAT(values_of<std::uint64_t>(file_->tensor("uint64")), ElementsAre(0, 1, 2, 3, 100, 127));
  EXPECT_THAT(values_of<std::uint8_t>(file_->tensor("bool")), ElementsAre(1, 0, 1));
}

TEST_F(Golden, ShapesAndDtypesAreTheFiles) {
  EXPECT_THAT(file_->tensor("f32").shape, ElementsAre(2, 3));
  EXPECT_EQ(file_->tensor("bf16").dtype, DType::bf16);
  EXPECT_EQ(file_->tensor("uint32").dtype, DType::u32);
  EXPECT_STREQ(dtype_name(file_->tensor("bool").dtype), "BOOL");
}

TEST_F(Golden, AZeroDimensionalTensorHasOneElement) {
  EXPECT_THAT(file_->tensor("scalar").shape, IsEmpty());
  EXPECT_THAT(values_of<float>(file_->tensor("scalar")), ElementsAre(-2.5F));
}

TEST_F(Golden, EmptyTensorsHaveTheirShapeAndNoBytes) {
  EXPECT_THAT(file_->tensor("empty").shape, ElementsAre(0));
  EXPECT_THAT(file_->tensor("empty.matrix").shape, ElementsAre(3, 0, 2));
  EXPECT_THAT(file_->tensor("empty.matrix").bytes, IsEmpty());
}

TEST_F(Golden, NamesAreSortedAndMetadataIsNotATensor) {
  const std::vector<std::string> names = file_->names();
  EXPECT_EQ(names.size(), 17U);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_TRUE(file_->contains("unicode Ω 漢"));
  EXPECT_FALSE(file_->contains("__metadata__"));
  EXPECT_THAT(file_->metadata().at("made_by"), HasSubstr("scripts/make_io_goldens.py"));
}

TEST_F(Golden, AMissingTensorIsNamedWithItsFile) {
  const std::string error = error_of([&] { static_cast<void>(file_->tensor("h.0.\x1b[31mred")); });
  EXPECT_THAT(error, HasSubstr("all_dtypes.safetensors: has no tensor 'h.0.\\x1b[31mred'"));
}

TEST_F(Golden, AViewOutlivesItsFile) {
  const TensorView view = file_->tensor("f32");
  file_.reset();
  EXPECT_THAT(values_of<float>(view), ElementsAre(0.0F, 1.0F, -1.0F, 0.5F, -2.5F, 3.0F));
}

TEST_F(Golden, TheWriterWritesTheVeryBytesOfTheReferenceImplementation) {
  const TemporaryFolder folder;
  write_safetensors(folder.path() / "again.safetensors", borrow_all(*file_), file_->metadata());
  EXPECT_EQ(read_bytes(folder.path() / "again.safetensors"), read_bytes(path_));
}

TEST(WriteSafetensors, TheOrderOfTheArgumentsDoesNotMatter) {
  const TemporaryFolder folder;
  const auto file = SafetensorsFile::open(test_data("io/all_dtypes.safetensors"));
  std::vector<NamedTensor> tensors = borrow_all(*file);
  write_safetensors(folder.path() / "a", tensors, {{"x", "1"}, {"y", "2"}});
  std::reverse(tensors.begin(), tensors.end());
  write_safetensors(folder.path() / "b", tensors, {{"y", "2"}, {"x", "1"}});
  EXPECT_EQ(read_bytes(folder.path() / "a"), read_bytes(folder.path() / "b"));
}

TEST(WriteSafetensors, NoTensorsMakeAFileThatOpens) {
  const TemporaryFolder folder;
  write_safetensors(folder.path() / "none", {});
  EXPECT_EQ(read_bytes(folder.path() / "none"), safetensors_bytes("{}      "));
  EXPECT_THAT(SafetensorsFile::open(folder.path() / "none")->names(), IsEmpty());
}

TEST(WriteSafetensors, ReplacingAFileLeavesItsReadersTheOldBytes) {
  const TemporaryFolder folder;
  const std::vector<float> before = {1.0F, 2.0F};
  const std::vector<float> after = {3.0F};
  write_safetensors(folder.path() / "w", {{"w", DType::f32, {2}, std::as_bytes(std::span(before))}});
  const TensorView view = SafetensorsFile::open(folder.path() / "w")->tensor("w");
  write_safetensors(folder.path() / "w", {{"w", DType::f32, {1}, std::as_bytes(std::span(after))}});
  EXPECT_THAT(values_of<float>(view), ElementsAre(1.0F, 2.0F));
  EXPECT_THAT(values_of<float>(SafetensorsFile::open(folder.path() / "w")->tensor("w")), ElementsAre(3.0F));
}

struct Unwritable {
  std::vector<NamedTensor> tensors;
  const char* rule;
};

TEST(WriteSafetensors, RefusesWhatItsReaderWouldRefuseAndWritesNothing) {
  const TemporaryFolder folder;
  const std::vector<float> two = {1.0F, 2.0F};
  const auto bytes = std::as_bytes(std::span(two));
  const std::vector<Unwritable> cases = {
      {{{"w", DType::f32, {2}, bytes}, {"w", DType::f32, {2}, bytes}}, "two of that name"},
      {{{"__metadata__", DType::f32, {2}, bytes}}, "reserved"},
      {{{"w", DType::f32, {3}, bytes}}, "do not fit"},
      {{{"w", DType::f32, {-2}, bytes}}, "do not fit"},
      {{{"w", DType::f32, std::vector<std::int64_t>(65, 1), bytes}}, "64 dimensions"},
      {{{"\xff", DType::f32, {2}, bytes}}, "not UTF-8"},
  };
  for (const Unwritable& unwritable : cases) {
    EXPECT_THAT(error_of([&] { write_safetensors(folder.path() / "w", unwritable.tensors); }),
                HasSubstr(unwritable.rule));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace stac::io
