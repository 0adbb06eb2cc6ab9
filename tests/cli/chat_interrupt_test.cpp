// Ctrl-C where stac-chat reads a pipe: it stops an answer, wherever that is, and ends a chat that waits.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <functional>
#include <nlohmann/json.hpp>

#include "cli/chat_run.hpp"

namespace stac {
namespace {

using nlohmann::json;
using testing::file_text;
using ::testing::HasSubstr;

/// The program with a pipe as stdin that stays open, stdout and stderr in files.
class PipedChat {
 public:
  PipedChat(const std::filesystem::path& folder, std::vector<std::string> arguments) : folder_(folder) {
    const std::string program = (testing::tool_dir() / "stac-chat").string();
    arguments.insert(arguments.begin(), program);
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
    input_ = ends[1];
    child_ = ::fork();
    if (child_ != 0) {
      ::close(ends[0]);
      return;
    }
    ::dup2(ends[0], STDIN_FILENO);
    send_to("out", STDOUT_FILENO);
    send_to("err", STDERR_FILENO);
    ::setenv("XDG_STATE_HOME", folder.c_str(), 1);
    ::setenv("STAC_DATA", testing::source_root().c_str(), 1);
    ::execv(program.c_str(), words.data());
    ::_exit(127);
  }
  ~PipedChat() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    close_input();
  }
  PipedChat(const PipedChat&) = delete;
  PipedChat& operator=(const PipedChat&) = delete;

  void say(const std::string& lines) const {
    ASSERT_EQ(::write(input_, lines.data(), lines.size()), static_cast<ssize_t>(lines.size()));
  }
  void close_input() {
    if (input_ >= 0) ::close(input_);
    input_ = -1;
  }
  void interrupt() const { ::kill(child_, SIGINT); }

  [[nodiscard]] std::string out() const { return file_text(folder_ / "out"); }
  [[nodiscard]] std::string err() const { return file_text(folder_ / "err"); }

  /// Waits for a minute at most.
  [[nodiscard]] static bool comes_true(const std::function<bool()>& condition) {
    for (int tenths = 0; tenths < 600; ++tenths) {
      if (condition()) return true;
      ::usleep(100'000);
    }
    return false;
  }
  [[nodiscard]] bool waits() const {  // for a message: it has nothing else to do
    std::ifstream status("/proc/" + std::to_string(child_) + "/wchan");
    std::string where;
    status >> where;
    return where.find("poll") != std::string::npos;
  }

  /// @return the exit status; -1 if it does not end within a minute, or by a signal
  int end() {
    int status = 0;
    const bool ended = comes_true([&] { return ::waitpid(child_, &status, WNOHANG) == child_; });
    if (ended) child_ = 0;
    return ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  void send_to(const char* name, int descriptor) const {
    const int file = ::open((folder_ / name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(file, descriptor);
  }

  std::filesystem::path folder_;
  int input_ = -1;
  pid_t child_ = -1;
};

class ChatInterrupt : public ::testing::Test {
 protected:
  /// A model that says A for ever, or until it has said so many.
  std::vector<std::string> model(std::int64_t positions, const std::string& tokens) {
    const auto path = testing::write_tiny_chat_model(folder_.path() / "model", positions);
    return {"--model", path.string(), "--simplified", "--activation", "keep",    "--quantize",
            "none",    "-n",          tokens,         "--logit-bias", "66+1000", "--json=" + report_file().string()};
  }
  [[nodiscard]] std::filesystem::path report_file() const { return folder_.path() / "report.json"; }
  [[nodiscard]] json turns() const { return json::parse(file_text(report_file())).at("turns"); }

  testing::TemporaryFolder folder_;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_F(ChatInterrupt, StopsTheAnswerAndTheNextLineIsAnswered) {
  PipedChat chat(folder_.path(), model(4000, "3000"));
  chat.say("go on\n");
  ASSERT_TRUE(PipedChat::comes_true([&] { return has(chat.out(), "AAAAA"); })) << chat.err();
  chat.interrupt();
  ASSERT_TRUE(PipedChat::comes_true([&] { return has(chat.err(), "the answer was stopped"); })) << chat.err();
  chat.say("/stats\n");
  chat.close_input();
  EXPECT_EQ(chat.end(), 0) << chat.err();
  EXPECT_THAT(chat.out(), HasSubstr("1 answer, "));
  EXPECT_EQ(turns()[0].at("stop_reason"), "cancelled");
}

TEST_F(ChatInterrupt, StopsTheReadingOfALongPrompt) {
  constexpr std::int64_t kPrompt = 60'000;  // fits a pipe, and takes much longer to read than this test waits
  PipedChat chat(folder_.path(), model(kPrompt + 100, "3"));
  chat.say("/stats\n" + std::string(kPrompt, 'x') + "\n");
  ASSERT_TRUE(PipedChat::comes_true([&] { return has(chat.out(), "0 answers"); })) << chat.err();
  ::sleep(1);
  chat.interrupt();
  ASSERT_TRUE(PipedChat::comes_true([&] { return has(chat.err(), "the answer was stopped"); })) << chat.err();
  chat.say("/undo\nhi\n");
  chat.close_input();
  EXPECT_EQ(chat.end(), 0) << chat.err();
  ASSERT_EQ(turns().size(), 2u);
  EXPECT_EQ(turns()[0].at("stop_reason"), "cancelled");
  EXPECT_EQ(turns()[0].at("tokens"), 0);
  EXPECT_EQ(turns()[1].at("assistant"), "AAA");
}

TEST_F(ChatInterrupt, StopsBothAnswersThatAreCompared) {
  std::vector<std::string> arguments = model(20'000, "15000");
  arguments.emplace_back("--compare");
  PipedChat chat(folder_.path(), arguments);
  chat.say("/stats\ngo on\n");
  ASSERT_TRUE(PipedChat::comes_true([&] { return has(chat.out(), "0 answers"); })) << chat.err();
  ::sleep(1);
  chat.interrupt();
  ASSERT_TRUE(PipedChat::comes_true([&] { return has(chat.err(), "the answer was stopped"); })) << chat.err();
  chat.say("/stats\n");
  chat.close_input();
  EXPECT_EQ(chat.end(), 0) << chat.err();
  EXPECT_EQ(turns()[0].at("stop_reason"), "cancelled");
  EXPECT_EQ(turns()[0].at("without_spikes").at("stop_reason"), "cancelled");
  EXPECT_EQ(chat.out().find("the same answer"), std::string::npos) << "nothing was compared";
  EXPECT_EQ(chat.out().find("part at"), std::string::npos);
}

// At a terminal the same happens wherever Ctrl-C meets a write, for the terminal holds its writers up meanwhile.
TEST_F(ChatInterrupt, StopsAnAnswerWhoseReaderIsSlowAndLosesNothing) {
  const std::filesystem::path out = folder_.path() / "out";
  ASSERT_EQ(::mkfifo(out.c_str(), 0600), 0);
  const int reader = ::open(out.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_EQ(::fcntl(reader, F_SETPIPE_SZ, 4096), 4096);
  PipedChat chat(folder_.path(), model(40'000, "30000"));
  chat.say("go on\n/stats\n");
  const auto is_full = [&] {
    int bytes = 0;
    return ::ioctl(reader, FIONREAD, &bytes) == 0 && bytes == 4096;
  };
  ASSERT_TRUE(PipedChat::comes_true(is_full)) << chat.err();
  ::usleep(300'000);  // until it writes more than there is room for
  chat.interrupt();
  chat.close_input();
  ::usleep(300'000);  // it meets the write that waits, not the next one
  std::string text;
  const auto has_ended = [&] {
    std::array<char, 4096> block{};
    ssize_t count = 0;
    while ((count = ::read(reader, block.data(), block.size())) > 0) {
      text.append(block.data(), static_cast<std::size_t>(count));
    }
    return count == 0;
  };
  EXPECT_TRUE(PipedChat::comes_true(has_ended));
  ::close(reader);
  EXPECT_EQ(chat.end(), 0) << chat.err();
  EXPECT_THAT(chat.err(), HasSubstr("the answer was stopped"));
  EXPECT_THAT(text, HasSubstr("1 answer, "));
  const std::string answer = turns()[0].at("assistant");
  EXPECT_GE(answer.size(), 4096u);
  EXPECT_TRUE(text.starts_with(answer + "\n")) << "the terminal has shown another text than the one that is kept";
}

TEST_F(ChatInterrupt, EndsAChatThatWaitsAndKeepsWhatWasSaid) {
  PipedChat chat(folder_.path(), model(100, "3"));
  chat.say("hi\n");
  ASSERT_TRUE(PipedChat::comes_true([&] { return has(chat.out(), "AAA\n") && chat.waits(); })) << chat.err();
  chat.interrupt();
  EXPECT_EQ(chat.end(), 130) << chat.err();
  EXPECT_THAT(chat.err(), HasSubstr("interrupted"));
  EXPECT_EQ(turns()[0].at("assistant"), "AAA");
}

}  // namespace
}  // namespace stac
