#include "stac/io/atomic_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <vector>

#include "io/io_test_support.hpp"
#include "stac/io/atomic_file.hpp"
#include "support/test_paths.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;
using stac::testing::TemporaryFolder;
using testing::error_of;
using ::testing::HasSubstr;
using testing::read_bytes;
using testing::ScopedVariable;
using testing::write_bytes;

constexpr int kFiles = 5;

/// A folder whose files all say `word`: torn if any is missing or says another.
void fill(const fs::path& folder, const std::string& word) {
  for (int i = 0; i < kFiles; ++i) write_bytes(folder / "sub" / std::to_string(i), word);
}

bool is_whole(const fs::path& folder) {
  const std::string word = read_bytes(folder / "sub" / "0");
  for (int i = 0; i < kFiles; ++i) {
    if (word.empty() || read_bytes(folder / "sub" / std::to_string(i)) != word) return false;
  }
  return true;
}

void publish_once(const fs::path& target, IfExists policy, const std::string& word) {
  AtomicFolder folder(target, policy);
  fill(folder.path(), word);
  folder.publish();
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

class Publishing : public ::testing::Test {
 protected:
  TemporaryFolder temporary_;
  fs::path root_ = temporary_.path();
  fs::path target_ = root_ / "out";
};

TEST_F(Publishing, NothingIsAtThePlaceBeforePublishAndAllOfItAfter) {
  AtomicFolder folder(target_, IfExists::refuse);
  fill(folder.path(), "new");
  EXPECT_FALSE(fs::exists(target_));
  EXPECT_EQ(folder.publish(), std::nullopt);
  EXPECT_TRUE(is_whole(target_));
  EXPECT_EQ(names_in(root_), std::vector<std::string>{"out"});
}

TEST_F(Publishing, AnUnpublishedFolderLeavesNothing) {
  {
    AtomicFolder folder(target_, IfExists::refuse);
    fill(folder.path(), "never");
  }
  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(Publishing, AnExistingFolderIsRefusedBeforeTheWork) {
  publish_once(target_, IfExists::refuse, "old");
  EXPECT_THAT(error_of([&] { AtomicFolder(target_, IfExists::refuse); }), HasSubstr("out: exists already"));
  EXPECT_EQ(read_bytes(target_ / "sub" / "0"), "old");
}

TEST_F(Publishing, AFolderThatAppearsMeanwhileIsNotReplacedWithoutLeave) {
  AtomicFolder folder(target_, IfExists::refuse);
  fill(folder.path(), "late");
  fill(target_, "early");
  EXPECT_THAT(error_of([&] { folder.publish(); }), HasSubstr("exists already"));
  EXPECT_EQ(read_bytes(target_ / "sub" / "0"), "early");
}

TEST_F(Publishing, ReplacingExchangesTheFolderAndRemovesTheOld) {
  publish_once(target_, IfExists::refuse, "old");
  publish_once(target_, IfExists::replace, "new");
  EXPECT_EQ(read_bytes(target_ / "sub" / "0"), "new");
  EXPECT_EQ(names_in(root_), std::vector<std::string>{"out"});
}

TEST_F(Publishing, ALinkToAFolderKeepsBeingALink) {
  publish_once(target_, IfExists::refuse, "old");
  fs::create_directory_symlink("out", root_ / "link");
  publish_once(root_ / "link", IfExists::replace, "new");
  EXPECT_TRUE(fs::is_symlink(root_ / "link"));
  EXPECT_EQ(read_bytes(target_ / "sub" / "0"), "new");
}

TEST_F(Publishing, MissingFoldersAboveAreMade) {
  publish_once(root_ / "a" / "b" / "out/", IfExists::refuse, "new");
  EXPECT_TRUE(is_whole(root_ / "a" / "b" / "out"));
}

TEST_F(Publishing, TheWorkingDirectoryTheHomeAndFilesAreNotReplaced) {
  write_bytes(root_ / "file", "x");
  EXPECT_THAT(error_of([&] { AtomicFolder(root_ / "file", IfExists::replace); }), HasSubstr("not a folder"));
  const ScopedVariable home("HOME", (root_ / "home" / "me").string());
  fs::create_directories(root_ / "home" / "me");
  EXPECT_THAT(error_of([&] { AtomicFolder(root_ / "home", IfExists::replace); }), HasSubstr("home directory"));
  EXPECT_THAT(error_of([&] { AtomicFolder(fs::current_path(), IfExists::replace); }), HasSubstr("working directory"));
  EXPECT_THAT(error_of([&] { AtomicFolder("/", IfExists::replace); }), HasSubstr("does not name"));
}

TEST_F(Publishing, ALeftoverIsClearedAndALivingRunsFolderIsNot) {
  AtomicFolder living(root_ / "other", IfExists::refuse);
  fill(root_ / ".out.stac-tmp-1-0123abcd", "left");  // process 1 lives, but does not hold the lock
  fill(root_ / ".out.stac-tmp-notes", "a user's own");
  publish_once(target_, IfExists::refuse, "new");
  EXPECT_FALSE(fs::exists(root_ / ".out.stac-tmp-1-0123abcd"));
  EXPECT_TRUE(fs::exists(root_ / ".out.stac-tmp-notes"));
  fill(living.path(), "alive");
  living.publish();
  EXPECT_TRUE(is_whole(root_ / "other"));
}

/// Runs `work` in a child process and kills it after a random moment.
template <typename Work>
void kill_at_random(Work work, std::mt19937& random) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      work();
    } catch (const std::exception&) {
    }
    ::_exit(0);
  }
  ::usleep(static_cast<useconds_t>(random() % 30'000));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST_F(Publishing, AHundredKillsWhileReplacingTearNothing) {
  publish_once(target_, IfExists::refuse, "first");
  std::mt19937 random(1);
  for (int round = 0; round < 100; ++round) {
    kill_at_random(
        [&] {
          for (int i = 0;; ++i)
            publish_once(target_, IfExists::replace, std::to_string(round) + "." + std::to_string(i));
        },
        random);
    ASSERT_TRUE(is_whole(target_)) << round;
  }
  publish_once(target_, IfExists::replace, "last");
  EXPECT_EQ(names_in(root_), std::vector<std::string>{"out"});
}

TEST_F(Publishing, AHundredKillsWhileWritingNewFoldersTearNothing) {
  std::mt19937 random(2);
  for (int round = 0; round < 100; ++round) {
    const fs::path place = root_ / std::to_string(round);
    kill_at_random(
        [&] {
          for (int i = 0;; ++i) publish_once(place / std::to_string(i), IfExists::refuse, "whole");
        },
        random);
  }
  publish_once(root_ / "0" / "last", IfExists::refuse, "whole");
  for (const auto& name : names_in(root_ / "0")) EXPECT_NE(name.front(), '.') << name;
  for (const auto& place : fs::directory_iterator(root_)) {
    for (const auto& name : names_in(place.path())) {
      if (name.front() != '.') {
        EXPECT_TRUE(is_whole(place.path() / name)) << name;
      }
    }
  }
}

TEST_F(Publishing, RunsThatReplaceAtTheSameTimeLeaveOneOfThemWhole) {
  publish_once(target_, IfExists::refuse, "first");
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    const std::string failed = error_of([&] {
      for (int turn = 0; turn < 10; ++turn) publish_once(target_, IfExists::replace, std::to_string(i));
    });
    ::_exit(failed.empty() ? 0 : 1);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_TRUE(is_whole(target_));
  EXPECT_EQ(names_in(root_), std::vector<std::string>{"out"});
}

TEST_F(Publishing, AFileIsReplacedInOneStepAndStreamsAreWrittenTo) {
  write_file_atomically(root_ / "report.json", "one");
  write_file_atomically(root_ / "report.json", "two");
  write_file_atomically("/dev/null", "gone");
  EXPECT_EQ(read_bytes(root_ / "report.json"), "two");
  EXPECT_EQ(names_in(root_), std::vector<std::string>{"report.json"});
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_THAT(error_of([&] { write_file_atomically(root_, "x"); }), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([&] { write_file_atomically(root_ / "none" / "f", "x"); }), HasSubstr("cannot be written to"));
}

TEST_F(Publishing, AnOutputEqualToInsideOrAroundItsSourceConflicts) {
  fs::create_directories(root_ / "models" / "m");
  fs::create_directory_symlink(root_ / "models" / "m", root_ / "link");
  const fs::path source = root_ / "models" / "m";
  EXPECT_TRUE(output_conflicts_with_source(source, source));
  EXPECT_TRUE(output_conflicts_with_source(source / "", source));
  EXPECT_TRUE(output_conflicts_with_source(root_ / "link" / "new" / "out", source));
  EXPECT_TRUE(output_conflicts_with_source(source / "x" / ".." / "out", root_ / "link"));
  EXPECT_TRUE(output_conflicts_with_source(root_ / "models", source));
  EXPECT_FALSE(output_conflicts_with_source(root_ / "models" / "m2", source));
  EXPECT_FALSE(output_conflicts_with_source(root_ / "models" / "out", source));
}

}  // namespace
}  // namespace stac::io
