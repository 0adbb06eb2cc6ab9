// Conversions killed at random moments, as a full disk's owner, a power cut or an impatient user would.
#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "convert_test_support.hpp"
#include "stac/convert/artifact.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using testing::TemporaryFolder;
using testing::write_tiny_checkpoint;
using Clock = std::chrono::steady_clock;

constexpr int kKills = 50;  // of each kind

/// Converts in a child process, which shares no memory with this one.
pid_t start_conversion(const fs::path& source, const fs::path& output, Overwrite overwrite) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  at::set_num_threads(1);  // a forked process has none of its parent's pool
  try {
    save_artifact(convert_folder(source), output, overwrite);
  } catch (const std::exception&) {
    ::_exit(1);
  }
  ::_exit(0);
}

/// @return true if the kill came before the end
bool kill_after(pid_t child, Clock::duration delay) {
  std::this_thread::sleep_for(delay);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

void require_success(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

std::string source_name(const fs::path& artifact) {
  return load_artifact(artifact, io::HashPolicy::recomputed).manifest.source.name;
}

class KilledConversion : public ::testing::Test {
 protected:
  void SetUp() override {
    first_ = write_tiny_checkpoint(temporary_.path() / "m", {.seed = 1});
    second_ = write_tiny_checkpoint(temporary_.path() / "n", {.seed = 2});
    output_ = temporary_.path() / "a";
    const auto begin = Clock::now();
    require_success(start_conversion(first_, output_, Overwrite::refuse));
    usual_time_ = Clock::now() - begin;
  }

  /// Somewhere in a conversion, its very end included.
  Clock::duration random_moment() {
    return std::chrono::duration_cast<Clock::duration>(usual_time_ *
                                                       std::uniform_real_distribution<double>(0.0, 1.1)(random_));
  }

  TemporaryFolder temporary_;
  fs::path first_, second_, output_;
  Clock::duration usual_time_{};
  std::mt19937_64 random_{11};
};

TEST_F(KilledConversion, LeavesNothingOrAWholeArtifact) {
  int killed = 0;
  for (int i = 0; i < kKills; ++i) {
    fs::remove_all(output_);
    killed += kill_after(start_conversion(first_, output_, Overwrite::refuse), random_moment());
    if (fs::exists(output_)) {
      EXPECT_EQ(source_name(output_), "m") << "kill " << i;
    }
  }
  EXPECT_GE(killed, kKills / 4);
  fs::remove_all(output_);
  require_success(start_conversion(first_, output_, Overwrite::refuse));
  EXPECT_EQ(source_name(output_), "m");
  EXPECT_THAT(names_in(temporary_.path()), ElementsAre("a", "m", "n"));
}

TEST_F(KilledConversion, LeavesTheOldArtifactOrTheNewOneWhenItReplaces) {
  int killed = 0;
  for (int i = 0; i < kKills; ++i) {
    const fs::path& next = source_name(output_) == "m" ? second_ : first_;
    killed += kill_after(start_conversion(next, output_, Overwrite::replace), random_moment());
    EXPECT_THAT(source_name(output_), AnyOf("m", "n")) << "kill " << i;
  }
  EXPECT_GE(killed, kKills / 4);
  require_success(start_conversion(second_, output_, Overwrite::replace));
  EXPECT_EQ(source_name(output_), "n");
  EXPECT_THAT(names_in(temporary_.path()), ElementsAre("a", "m", "n"));
}

}  // namespace
}  // namespace stac::convert
