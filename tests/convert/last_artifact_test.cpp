#include "stac/convert/last_artifact.hpp"

#include <gmock/gmock.h>

#include "convert_test_support.hpp"
#include "environment.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

/// What last_artifact() looks for: a folder that says it is one.
fs::path make_artifact(const fs::path& folder) {
  fs::create_directories(folder);
  write_bytes(folder / "stac.json", "{}");
  return folder;
}

TEST(LastArtifact, IsTheOneRecordedLast) {
  const TemporaryFolder temporary;
  const Environment state("XDG_STATE_HOME", temporary.path() / "state");
  EXPECT_EQ(last_artifact(), std::nullopt);
  for (const char* const name : {"a", "b c"}) {
    const fs::path folder = make_artifact(temporary.path() / name);
    EXPECT_EQ(record_last_artifact(folder), std::nullopt);
    EXPECT_EQ(last_artifact(), folder);
    EXPECT_EQ(read_bytes(temporary.path() / "state" / "stac" / "last"), folder.string() + "\n");
  }
}

TEST(LastArtifact, IsIgnoredOnceItIsGoneOrNoArtifactAnyMore) {
  const TemporaryFolder temporary;
  const Environment state("XDG_STATE_HOME", temporary.path() / "state");
  const fs::path folder = make_artifact(temporary.path() / "a");
  record_last_artifact(folder);
  fs::remove(folder / "stac.json");
  EXPECT_EQ(last_artifact(), std::nullopt);
  fs::remove_all(folder);
  EXPECT_EQ(last_artifact(), std::nullopt);
}

TEST(LastArtifact, IsIgnoredWhereTheRecordIsNoPath) {
  const TemporaryFolder temporary;
  const Environment state("XDG_STATE_HOME", temporary.path() / "state");
  const fs::path record = *last_artifact_record();
  fs::create_directories(record.parent_path());
  for (const std::string& text : {std::string(), std::string("\n"), std::string("relative/path\n"),
                                  std::string("/a\0b", 4), std::string(1 << 20, 'x')}) {
    write_bytes(record, text);
    EXPECT_EQ(last_artifact(), std::nullopt);
  }
  fs::remove(record);
  fs::create_directory(record);
  EXPECT_EQ(last_artifact(), std::nullopt);
}

TEST(LastArtifact, ThatCannotBeNotedIsAWarning) {
  const TemporaryFolder temporary;
  write_bytes(temporary.path() / "state", "a file where the folder should be");
  const Environment state("XDG_STATE_HOME", temporary.path() / "state");
  const auto warning = record_last_artifact(make_artifact(temporary.path() / "a"));
  ASSERT_TRUE(warning.has_value());
  EXPECT_THAT(*warning, ::testing::HasSubstr("not noted"));
}

TEST(LastArtifact, LiesInTheUsersHomeUnlessXdgSaysOtherwise) {
  const Environment relative("XDG_STATE_HOME", "not/absolute");
  const char* const home = std::getenv("HOME");
  if (home == nullptr) GTEST_SKIP() << "HOME is not set";
  EXPECT_EQ(last_artifact_record(), fs::path(home) / ".local" / "state" / "stac" / "last");
}

}  // namespace
}  // namespace stac::convert
