#include "stac/io/file_fingerprint.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <regex>

#include "io/io_test_support.hpp"
#include "stac/io/sha256.hpp"
#include "support/test_paths.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;
using testing::read_bytes;
using testing::ScopedVariable;
using testing::write_bytes;

class Fingerprint : public ::testing::Test {
 protected:
  /// A file whose times have settled, and its note's path.
  void write_settled(const std::string& bytes) {
    write_bytes(file_, bytes);
    ::sleep(4);  // its change time cannot be set back
  }
  fs::path only_note() const { return fs::directory_iterator(cache_ / "stac" / "sha256")->path(); }

  stac::testing::TemporaryFolder temporary_;
  fs::path file_ = temporary_.path() / "weights";
  fs::path cache_ = temporary_.path() / "cache";
  ScopedVariable variable_{"XDG_CACHE_HOME", cache_.string()};
  const std::string large_ = std::string(2'000'000, 'w');
};

TEST_F(Fingerprint, ASettledFileIsNotedAndTheNoteIsUsedUntilItIsRecomputedOrTheFileChanges) {
  write_settled(large_);
  EXPECT_EQ(verified_sha256(file_, HashPolicy::remembered), sha256_of(large_));
  // Plant another hash: only a reader of the note can say it.
  const std::string planted(64, '0');
  write_bytes(only_note(), std::regex_replace(read_bytes(only_note()), std::regex("[0-9a-f]{64}$"), planted));
  EXPECT_EQ(verified_sha256(file_, HashPolicy::remembered), planted);
  EXPECT_EQ(verified_sha256(file_, HashPolicy::recomputed), sha256_of(large_));
  EXPECT_EQ(verified_sha256(file_, HashPolicy::remembered), sha256_of(large_));
  for (const char* broken : {"", "junk", "1 2 3 4 5 6"}) {
    write_bytes(only_note(), broken);
    EXPECT_EQ(verified_sha256(file_, HashPolicy::remembered), sha256_of(large_));
  }
  struct stat facts {};
  ASSERT_EQ(::stat(file_.c_str(), &facts), 0);
  const std::string changed = "x" + large_.substr(1);
  write_bytes(file_, changed);  // same size, and the time set back: the change time still tells
  const timespec times[2] = {facts.st_atim, facts.st_mtim};
  ::utimensat(AT_FDCWD, file_.c_str(), times, 0);
  EXPECT_EQ(verified_sha256(file_, HashPolicy::remembered), sha256_of(changed));
}

TEST_F(Fingerprint, AFileJustWrittenIsNotNoted) {
  write_bytes(file_, large_);
  EXPECT_EQ(verified_sha256(file_, HashPolicy::remembered), sha256_of(large_));
  EXPECT_FALSE(fs::exists(cache_ / "stac"));
}

TEST_F(Fingerprint, ACacheThatCannotBeWrittenIsNoError) {
  write_bytes(cache_, "a file where the folder should be");
  write_settled(large_);
  EXPECT_EQ(verified_sha256(file_, HashPolicy::remembered), sha256_of(large_));
}

TEST_F(Fingerprint, AMissingFileIsNamed) {
  EXPECT_NE(testing::error_of([&] { static_cast<void>(verified_sha256(file_, HashPolicy::remembered)); }), "");
}

}  // namespace
}  // namespace stac::io
