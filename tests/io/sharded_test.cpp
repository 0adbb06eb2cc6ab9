#include "stac/io/sharded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/io_test_support.hpp"
#include "support/test_paths.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;
using stac::testing::TemporaryFolder;
using stac::testing::test_data;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using testing::safetensors_bytes;
using testing::write_bytes;

constexpr const char* kIndex = "model.safetensors.index.json";

class Sharded : public ::testing::Test {
 protected:
  Sharded() { fs::copy(test_data("io/sharded"), folder_.path(), fs::copy_options::recursive); }

  void write_index(const std::string& weight_map) {
    write_bytes(index_, R"({"metadata":{},"weight_map":)" + weight_map + "}");
  }
  std::string refusal() {
    return error_of([&] { ShardedStore::open(index_); });
  }

  TemporaryFolder folder_;
  fs::path index_ = folder_.path() / kIndex;
};

TEST_F(Sharded, TensorsComeFromTheShardThatTheIndexNames) {
  const auto store = ShardedStore::open(index_);
  EXPECT_THAT(store->names(), ElementsAre("a.weight", "b.weight", "c"));
  EXPECT_THAT(store->tensor("a.weight").shape, ElementsAre(2, 2));
  EXPECT_EQ(store->tensor("c").dtype, DType::f16);
  EXPECT_EQ(store->file_of("b.weight").filename(), "model-00002-of-00002.safetensors");
  EXPECT_EQ(store->files().size(), 2U);
}

TEST_F(Sharded, AMissingTensorIsNamedWithTheIndex) {
  const auto store = ShardedStore::open(index_);
  EXPECT_FALSE(store->contains("d"));
  EXPECT_THAT(error_of([&] { static_cast<void>(store->tensor("d")); }), AllOf(HasSubstr(kIndex), HasSubstr("'d'")));
}

TEST_F(Sharded, AMissingShardIsNamed) {
  fs::remove(folder_.path() / "model-00002-of-00002.safetensors");
  EXPECT_THAT(refusal(), HasSubstr("model-00002-of-00002.safetensors: missing shard"));
}

TEST_F(Sharded, AnIndexThatLeavesItsFolderIsRefused) {
  for (const char* name : {"../model.safetensors", "/etc/passwd", "a/../../b", "..", "", "a/", "a\\u0000b"}) {
    write_index(R"({"a.weight":")" + std::string(name) + "\"}");
    EXPECT_THAT(refusal(), AllOf(HasSubstr("leaves the checkpoint's folder"), HasSubstr("'a.weight'"))) << name;
  }
}

TEST_F(Sharded, AShardInAFolderBelowIsFound) {
  fs::create_directory(folder_.path() / "below");
  fs::rename(folder_.path() / "model-00001-of-00002.safetensors", folder_.path() / "below" / "one.safetensors");
  write_index(R"({"a.weight":"below/one.safetensors"})");
  EXPECT_THAT(ShardedStore::open(index_)->names(), ElementsAre("a.weight"));
}

TEST_F(Sharded, ALinkThatLeadsOutOfTheFolderIsFollowedAsInTheHubCache) {
  const TemporaryFolder blobs;
  fs::rename(folder_.path() / "model-00001-of-00002.safetensors", blobs.path() / "0123abcd");
  fs::create_symlink(blobs.path() / "0123abcd", folder_.path() / "model-00001-of-00002.safetensors");
  EXPECT_EQ(ShardedStore::open(index_)->names().size(), 3U);
}

TEST_F(Sharded, AShardWithoutATensorThatTheIndexPlacesThereIsRefused) {
  write_index(R"({"a.weight":"model-00001-of-00002.safetensors","zz":"model-00001-of-00002.safetensors"})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("00001-of-00002.safetensors: has no tensor 'zz'"), HasSubstr(kIndex)));
}

TEST_F(Sharded, AShardWithATensorThatTheIndexDoesNotPlaceThereIsRefused) {
  write_index(R"({"b.weight":"model-00002-of-00002.safetensors"})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("00002-of-00002.safetensors: holds tensor 'c'"), HasSubstr("does not place")));
}

TEST_F(Sharded, ABrokenShardIsNamed) {
  write_bytes(folder_.path() / "model-00001-of-00002.safetensors", "short");
  EXPECT_THAT(refusal(), HasSubstr("model-00001-of-00002.safetensors: too short"));
}

TEST_F(Sharded, AnIndexOfTheWrongShapeIsRefused) {
  for (const char* map : {"[]", "null", "{}", R"({"a":1})", R"({"a":["b"]})"}) {
    write_index(map);
    EXPECT_THAT(refusal(), HasSubstr("weight_map")) << map;
  }
  write_index(R"({"a":"x","a":"y"})");
  EXPECT_THAT(refusal(), HasSubstr("duplicate key 'a'"));
  write_bytes(index_, "[]");
  EXPECT_THAT(refusal(), HasSubstr("weight_map"));
}

}  // namespace
}  // namespace stac::io
