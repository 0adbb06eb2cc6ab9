// stac-chat at a terminal: line editing, history, Ctrl-C.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "cli/chat_run.hpp"

namespace stac {
namespace {

using ::testing::HasSubstr;

constexpr const char* kUp = "\x1b[A";
constexpr char kInterrupt = '\x03', kEndOfFile = '\x04', kBackspace = '\x7f';

/// The program on a pseudo-terminal, and what it has shown so far.
class Terminal {
 public:
  Terminal(const std::filesystem::path& folder, const std::vector<std::string>& arguments) {
    const std::string program = (testing::tool_dir() / "stac-chat").string();
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    child_ = ::forkpty(&master_, nullptr, nullptr, nullptr);
    if (child_ != 0) return;
    ::setenv("XDG_STATE_HOME", folder.c_str(), 1);
    ::setenv("STAC_DATA", testing::source_root().c_str(), 1);
    ::setenv("TERM", "vt100", 1);
    ::setenv("HOME", folder.c_str(), 1);
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execv(program.c_str(), pointers.data());
    ::_exit(127);
  }
  ~Terminal() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    ::close(master_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(const std::string& keys) const {
    ASSERT_EQ(::write(master_, keys.data(), keys.size()), ssize_t(keys.size()));
  }

  /// Waits until the text appears behind what was waited for before.
  [[nodiscard]] bool shows(const std::string& text) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
      const std::size_t at = shown_.find(text, seen_);
      if (at != std::string::npos) {
        seen_ = at + text.size();
        return true;
      }
      if (!read_more()) return false;
    }
    return false;
  }

  /// @return the exit status; -1 if it has shown nothing for 20 seconds and does not end
  int end() {
    while (read_more()) {
    }
    int status = 0;
    for (int tenths = 0; tenths < 50; ++tenths) {
      const pid_t ended = ::waitpid(child_, &status, WNOHANG);
      if (ended == child_) {
        child_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      }
      ::usleep(100'000);
    }
    return -1;
  }

  [[nodiscard]] const std::string& shown() const { return shown_; }

 private:
  bool read_more() {
    pollfd ready{master_, POLLIN, 0};
    if (::poll(&ready, 1, 20000) <= 0) return false;
    char buffer[4096];
    const ssize_t count = ::read(master_, buffer, sizeof buffer);
    if (count <= 0) return false;
    shown_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  int master_ = -1;
  pid_t child_ = -1;
  std::string shown_;
  std::size_t seen_ = 0;
};

class ChatTerminal : public ::testing::Test {
 protected:
  void SetUp() override { model_ = testing::write_tiny_chat_model(folder_.path() / "model", 40000).string(); }
  [[nodiscard]] std::vector<std::string> arguments(const std::string& tokens) const {
    // As it is: no text has to be sampled. It says A for ever.
    return {"--model", model_, "--simplified", "--activation", "keep",   "--quantize",
            "none",    "-n",   tokens,         "--logit-bias", "66+1000"};
  }

  testing::TemporaryFolder folder_;
  std::string model_;
};

TEST_F(ChatTerminal, LinesAreEditedRememberedAndFollowedByAStatus) {
  {
    Terminal terminal(folder_.path(), arguments("3"));
    ASSERT_TRUE(terminal.shows("> "));
    terminal.type(std::string("hix") + kBackspace + "\r");
    ASSERT_TRUE(terminal.shows("AAA"));
    ASSERT_TRUE(terminal.shows("3 tokens, ")) << terminal.shown();
    ASSERT_TRUE(terminal.shows(" SynOps, "));
    ASSERT_TRUE(terminal.shows("> "));
    terminal.type(std::string(1, kEndOfFile));
    EXPECT_EQ(terminal.end(), 0);
  }
  const std::string history = testing::file_text(folder_.path() / "stac" / "chat_history");
  EXPECT_THAT(history, HasSubstr("hi"));
  EXPECT_THAT(history, ::testing::Not(HasSubstr("hix")));
  Terminal again(folder_.path(), arguments("3"));
  ASSERT_TRUE(again.shows("> "));
  again.type(std::string(kUp) + "!\r");
  ASSERT_TRUE(again.shows("hi")) << "the line of the run before";
  ASSERT_TRUE(again.shows("AAA"));
  again.type("/quit\r");
  EXPECT_EQ(again.end(), 0);
  EXPECT_THAT(testing::file_text(folder_.path() / "stac" / "chat_history"), HasSubstr("hi!"));
}

TEST_F(ChatTerminal, TakesUtf8InAnyLocale) {
  ::setenv("LC_ALL", "C", 1);
  Terminal terminal(folder_.path(), arguments("3"));
  ::unsetenv("LC_ALL");
  ASSERT_TRUE(terminal.shows("> "));
  terminal.type(
      "gr\xc3\xbc\xc3\x9f"
      "e\r");
  ASSERT_TRUE(terminal.shows("AAA"));
  ASSERT_TRUE(terminal.shows("> "));
  terminal.type("/save " + (folder_.path() / "s").string() + "\r/quit\r");
  EXPECT_EQ(terminal.end(), 0);
  EXPECT_THAT(testing::file_text(folder_.path() / "s"), HasSubstr("gr\xc3\xbc\xc3\x9f"
                                                                  "e"));
}

TEST_F(ChatTerminal, CtrlCStopsTheAnswerAndNotTheChat) {
  Terminal terminal(folder_.path(), arguments("30000"));
  ASSERT_TRUE(terminal.shows("> "));
  terminal.type("go on\r");
  ASSERT_TRUE(terminal.shows("AAAAA"));
  terminal.type(std::string(1, kInterrupt));
  ASSERT_TRUE(terminal.shows("the answer was stopped"));
  ASSERT_TRUE(terminal.shows("> "));
  terminal.type(std::string("half a line") + kInterrupt);
  ASSERT_TRUE(terminal.shows("ends the chat"));
  ASSERT_TRUE(terminal.shows("> "));
  terminal.type("/stats\r");
  ASSERT_TRUE(terminal.shows("1 answer, ")) << "the half line was not said";
  terminal.type("/load /nowhere\r");
  ASSERT_TRUE(terminal.shows("/nowhere")) << "an error does not end a chat at a terminal";
  ASSERT_TRUE(terminal.shows("> "));
  terminal.type("/quit\r");
  EXPECT_EQ(terminal.end(), 0);
}

}  // namespace
}  // namespace stac
