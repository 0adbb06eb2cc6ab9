#include "stac/io/checkpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/io_test_support.hpp"
#include "stac/io/sha256.hpp"
#include "support/test_paths.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;
using stac::testing::TemporaryFolder;
using stac::testing::test_data;
using ::testing::AllOf;
using testing::error_of;
using ::testing::HasSubstr;
using testing::read_bytes;
using testing::safetensors_bytes;
using testing::write_bytes;

class CheckpointFolder : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& bytes) { write_bytes(folder_ / name, bytes); }
  void write_whole() {
    write("config.json", R"({"model_type":"gpt2"})");
    write("model.safetensors", safetensors_bytes(R"({"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", "xy"));
  }
  std::string refusal() {
    return error_of([&] { static_cast<void>(open_checkpoint(folder_)); });
  }

  TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path() / "my-model";
};

TEST_F(CheckpointFolder, OpensWithItsConfigNameAndTensors) {
  write_whole();
  const Checkpoint checkpoint = open_checkpoint(folder_);
  EXPECT_EQ(checkpoint.name, "my-model");
  EXPECT_EQ(checkpoint.config.at("model_type"), "gpt2");
  EXPECT_TRUE(checkpoint.tensors->contains("w"));
}

TEST_F(CheckpointFolder, ATrailingSlashOrAWorkingDirectoryDoesNotChangeItsName) {
  write_whole();
  EXPECT_EQ(open_checkpoint(folder_ / "").name, "my-model");
  EXPECT_EQ(open_checkpoint(folder_ / ".").name, "my-model");
}

TEST_F(CheckpointFolder, OpensShards) {
  const Checkpoint checkpoint = open_checkpoint(test_data("io/sharded"));
  EXPECT_TRUE(checkpoint.tensors->contains("b.weight"));
  EXPECT_EQ(checkpoint.weight_files.size(), 3U);
}

TEST_F(CheckpointFolder, WhatIsMissingIsNamed) {
  EXPECT_THAT(refusal(), HasSubstr("my-model: no such folder"));
  fs::create_directory(folder_);
  EXPECT_THAT(refusal(), HasSubstr("config.json: missing"));
  write("config.json", "{}");
  EXPECT_THAT(refusal(), HasSubstr("has neither model.safetensors nor model.safetensors.index.json"));
}

TEST_F(CheckpointFolder, AFileIsNotAFolder) {
  write_whole();
  EXPECT_THAT(error_of([&] { static_cast<void>(open_checkpoint(folder_ / "config.json")); }),
              HasSubstr("is not a folder"));
}

TEST_F(CheckpointFolder, ABrokenConfigIsNamed) {
  write_whole();
  write("config.json", "[]");
  EXPECT_THAT(refusal(), HasSubstr("config.json: is not a JSON object"));
  write("config.json", R"({"a":1,"a":2})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("config.json: line 1"), HasSubstr("duplicate key 'a'")));
}

TEST_F(CheckpointFolder, PickleWeightsAreRefusedWithTheReasonAndTheWayOut) {
  for (const char* name :
       {"pytorch_model.bin", "consolidated.00.pth", "model.pt", "pytorch_model-00001-of-00002.bin"}) {
    fs::remove_all(folder_);
    write("config.json", "{}");
    write(name, "\x80\x02}");
    EXPECT_THAT(refusal(), AllOf(HasSubstr(name), HasSubstr("runs the code inside"), HasSubstr("safe_serialization")));
  }
}

TEST_F(CheckpointFolder, PickleBesideSafetensorsIsLeftAlone) {
  write_whole();
  write("pytorch_model.bin", "\x80\x02}");
  EXPECT_EQ(refusal(), "");
}

TEST_F(CheckpointFolder, ADanglingLinkOfTheHubCacheIsNamed) {
  write_whole();
  fs::remove(folder_ / "model.safetensors");
  fs::create_symlink("../../blobs/gone", folder_ / "model.safetensors");
  EXPECT_THAT(refusal(), HasSubstr("model.safetensors: is a link to a file that is not there"));
}

TEST_F(CheckpointFolder, ASnapshotOfTheHubCacheIsCalledByItsRepository) {
  write_whole();
  const fs::path snapshot = temporary_.path() / "models--org--some-model" / "snapshots" / "0123";
  fs::create_directories(snapshot.parent_path());
  fs::rename(folder_, snapshot);
  EXPECT_EQ(open_checkpoint(snapshot).name, "some-model");
}

TEST_F(CheckpointFolder, ItsHashIsWhatSha256sumPrintsForItsFiles) {
  write_whole();
  write("README.md", "does not count");
  const std::string list = sha256_of(read_bytes(folder_ / "config.json")) + "  config.json\n" +
                           sha256_of(read_bytes(folder_ / "model.safetensors")) + "  model.safetensors\n";
  EXPECT_EQ(checkpoint_sha256(open_checkpoint(folder_)), sha256_of(list));
}

TEST_F(CheckpointFolder, ItsHashChangesWithConfigAndWeights) {
  write_whole();
  const std::string before = checkpoint_sha256(open_checkpoint(folder_));
  write("config.json", R"({"model_type":"gpt3"})");
  EXPECT_NE(checkpoint_sha256(open_checkpoint(folder_)), before);
}

}  // namespace
}  // namespace stac::io
