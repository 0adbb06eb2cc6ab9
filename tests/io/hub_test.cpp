#include "stac/io/hub.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/io_test_support.hpp"
#include "stac/io/data_paths.hpp"
#include "support/test_paths.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;
using stac::testing::TemporaryFolder;
using ::testing::AllOf;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScopedVariable;
using testing::write_bytes;

constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";
constexpr const char* kOther = "89abcdef0123456789abcdef0123456789abcdef";

/// A Hugging Face cache and a data folder of our own, named by the environment.
class Hub : public ::testing::Test {
 protected:
  /// A snapshot whose files are links into blobs/, as huggingface_hub lays them out.
  fs::path add_snapshot(const std::string& repository, const std::string& commit) {
    const fs::path snapshot = cache_ / repository / "snapshots" / commit;
    fs::create_directories(snapshot);
    for (const char* name : {"config.json", "model.safetensors"}) {
      write_bytes(cache_ / repository / "blobs" / (commit + name), "{}");
      fs::create_symlink(fs::path("../../blobs") / (commit + name), snapshot / name);
    }
    return snapshot;
  }
  void add_ref(const std::string& repository, const std::string& ref, const std::string& commit) {
    write_bytes(cache_ / repository / "refs" / ref, commit);
  }
  std::string refusal(const std::string& name) {
    return error_of([&] { static_cast<void>(resolve_model(name)); });
  }

  void SetUp() override {
    fs::create_directories(data_ / "configs");
    fs::copy_file(stac::testing::source_root() / "configs" / "models.json", data_ / "configs" / "models.json");
  }

  TemporaryFolder temporary_;
  fs::path cache_ = temporary_.path() / "hub";
  fs::path data_ = temporary_.path() / "data";
  ScopedVariable hub_cache_{"HF_HUB_CACHE", cache_.string()};
  ScopedVariable stac_data_{"STAC_DATA", data_.string()};
};

TEST_F(Hub, ABranchATagAndACommitAreFound) {
  const fs::path one = add_snapshot("models--org--name", kCommit);
  const fs::path two = add_snapshot("models--org--name", kOther);
  add_ref("models--org--name", "main", kCommit);
  add_ref("models--org--name", "v1.0", std::string(kOther) + "\n");
  add_ref("models--org--name", "refs/pr/3", kOther);
  EXPECT_EQ(resolve_model("org/name"), one);
  EXPECT_EQ(resolve_model("org/name@main"), one);
  EXPECT_EQ(resolve_model("org/name@v1.0"), two);
  EXPECT_EQ(resolve_model("org/name@refs/pr/3"), two);
  EXPECT_EQ(resolve_model(std::string("org/name@") + kOther), two);
}

TEST_F(Hub, ANameFromBeforeOrganisationsIsFoundUnderBothSpellings) {
  const fs::path moved = add_snapshot("models--distilbert--distilgpt2", kCommit);
  add_ref("models--distilbert--distilgpt2", "main", kCommit);
  EXPECT_EQ(resolve_model("distilgpt2"), moved);
  const fs::path plain = add_snapshot("models--distilgpt2", kOther);
  add_ref("models--distilgpt2", "main", kOther);
  EXPECT_EQ(resolve_model("distilgpt2"), plain);
  EXPECT_EQ(resolve_model("distilbert/distilgpt2"), moved);
}

TEST_F(Hub, WhatIsNotCachedComesWithTheCommandThatFetchesIt) {
  EXPECT_THAT(refusal("org/name"), AllOf(HasSubstr(cache_.string()), HasSubstr("`hf download org/name`"),
                                         HasSubstr("`huggingface-cli download org/name`")));
  EXPECT_THAT(refusal("org/name@v2"), HasSubstr("`hf download org/name --revision v2`"));
  EXPECT_THAT(refusal("distilgpt2"), HasSubstr("`hf download distilbert/distilgpt2`"));
}

TEST_F(Hub, ASnapshotWithoutConfigOrWeightsIsNotFound) {
  const fs::path snapshot = add_snapshot("models--org--name", kCommit);
  add_ref("models--org--name", "main", kCommit);
  fs::remove(cache_ / "models--org--name" / "blobs" / (std::string(kCommit) + "model.safetensors"));
  EXPECT_THAT(refusal("org/name"), HasSubstr("hf download org/name"));
  write_bytes(snapshot / "pytorch_model.bin", "pickle: for open_checkpoint to refuse");
  EXPECT_EQ(resolve_model("org/name"), snapshot);
}

TEST_F(Hub, ARefThatLeavesTheCacheIsRefused) {
  add_snapshot("models--org--name", kCommit);
  for (const char* text : {"../../../etc", "", "a/b", ".."}) {
    add_ref("models--org--name", "main", text);
    EXPECT_THAT(refusal("org/name"), HasSubstr("does not hold a commit")) << text;
  }
}

TEST_F(Hub, AnIdThatCouldLeaveTheCacheIsNoId) {
  for (const char* text : {"../x", "a/../b", "/a", "a/b/c", "a//b", "a--b", "a/b@", "a/b@../c", "a/b@/c", "a/b@c//d",
                           "a b", "-a", ".a", "a/", "a\nb", "a@b@c", "~a"}) {
    EXPECT_EQ(parse_hub_id(text), std::nullopt) << text;
    EXPECT_THAT(refusal(text), AllOf(HasSubstr("no such folder"), Not(HasSubstr("hf download")))) << text;
  }
}

TEST_F(Hub, AFolderIsItself) {
  fs::create_directory(temporary_.path() / "m");
  EXPECT_EQ(resolve_model((temporary_.path() / "m").string()), temporary_.path() / "m");
  write_bytes(temporary_.path() / "f", "");
  EXPECT_THAT(refusal((temporary_.path() / "f").string()), HasSubstr("is a file"));
}

TEST_F(Hub, StacTinyIsAlwaysTheBundledOne) {
  write_bytes(data_ / "models" / "stac-tiny" / "config.json", "{}");
  const fs::path before = fs::current_path();
  fs::create_directories(temporary_.path() / "here" / "stac-tiny");
  fs::current_path(temporary_.path() / "here");
  EXPECT_EQ(resolve_model("stac-tiny"), data_ / "models" / "stac-tiny");
  EXPECT_EQ(resolve_model("./stac-tiny"), "./stac-tiny");
  fs::current_path(before);
}

TEST_F(Hub, TheCacheIsWhereTheEnvironmentSays) {
  const ScopedVariable legacy("HUGGINGFACE_HUB_CACHE", std::nullopt);
  const ScopedVariable home("HOME", "/home/me");
  const ScopedVariable xdg("XDG_CACHE_HOME", std::nullopt);
  const ScopedVariable no_hf_home("HF_HOME", std::nullopt);
  EXPECT_EQ(hub_cache_folder(), cache_);
  const ScopedVariable no_cache("HF_HUB_CACHE", std::nullopt);
  EXPECT_EQ(hub_cache_folder(), "/home/me/.cache/huggingface/hub");
  const ScopedVariable xdg_set("XDG_CACHE_HOME", "/x");
  EXPECT_EQ(hub_cache_folder(), "/x/huggingface/hub");
  const ScopedVariable hf_home("HF_HOME", "~/hf");
  EXPECT_EQ(hub_cache_folder(), "/home/me/hf/hub");
}

TEST_F(Hub, DataThatIsNowhereIsRefusedWithThePlaces) {
  EXPECT_THAT(error_of([] { static_cast<void>(find_data("configs/none.json")); }),
              HasSubstr((data_ / "configs/none.json").string()));
}

TEST(DataPaths, WithoutStacDataTheyAreRelativeToTheProgram) {
  const ScopedVariable unset("STAC_DATA", std::nullopt);
  const fs::path above = executable_folder().parent_path();
  EXPECT_TRUE(fs::exists(executable_folder() / "stac_io_tests"));
  EXPECT_EQ(data_folders(), (std::vector<fs::path>{above / "share" / "stac", above.parent_path()}));
}

}  // namespace
}  // namespace stac::io
