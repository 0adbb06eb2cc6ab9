// The commands on models of the hub: downloaded, interrupted, killed, and several at once.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <thread>

#include "cli/tool_run.hpp"
#include "support/hub_server.hpp"
#include "support/tiny_checkpoint.hpp"

namespace stac::testing {
namespace {

using ::testing::HasSubstr;

/// A tiny checkpoint on a hub, and the commands with that hub in their environment.
class OnAHub : public ::testing::Test {
 protected:
  void SetUp() override {
    TinyCheckpoint shape;
    shape.vocab = 264;
    write_tiny_checkpoint(folder_.path() / "tiny", shape);
    write_tiny_tokenizer(folder_.path() / "tiny");
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "tiny")) {
      const std::string name = entry.path().filename().string();
      model_.files[name] = {read_file(entry.path()), name == "model.safetensors"};
    }
    server_.add_model("org/tiny", model_);
    for (const auto& [name, value] : environment()) ::setenv(name.c_str(), value.c_str(), 1);
  }
  void TearDown() override {
    for (const auto& [name, value] : environment()) ::unsetenv(name.c_str());
  }
  [[nodiscard]] std::map<std::string, std::string> environment() const {
    return {{"HF_ENDPOINT", server_.endpoint()},
            {"HF_HUB_CACHE", cache().string()},
            {"HF_HUB_OFFLINE", "0"},
            {"HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"},
            {"XDG_STATE_HOME", folder_.path().string()}};
  }
  [[nodiscard]] std::filesystem::path cache() const { return folder_.path() / "hub"; }
  [[nodiscard]] std::filesystem::path weights() const {
    return cache() / "models--org--tiny/snapshots" / model_.commit / "model.safetensors";
  }

  /// Starts a command in the test's folder, its stderr in `err`.
  [[nodiscard]] pid_t start(const std::vector<std::string>& arguments, const std::string& err) const {
    const pid_t child = ::fork();
    if (child != 0) return child;
    const std::string tool = (tool_dir() / arguments.front()).string();
    std::vector<char*> list;
    for (const std::string& argument : arguments) list.push_back(const_cast<char*>(argument.c_str()));
    list.push_back(nullptr);
    if (::chdir(folder_.path().c_str()) != 0 || !std::freopen(err.c_str(), "w", stderr) ||
        !std::freopen("out", "w", stdout)) {
      ::_exit(126);
    }
    ::execv(tool.c_str(), list.data());
    ::_exit(127);
  }
  static int finished(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  [[nodiscard]] std::string said(const std::string& file) const { return read_file(folder_.path() / file); }
  void slow_down() {
    server_.interfere([](const ServedRequest& request, ServedReply& reply) {
      if (request.is_of_storage()) reply.pace = std::chrono::milliseconds(100);
    });
  }

  TemporaryFolder folder_;
  ServedRepository model_{"0123456789abcdef0123456789abcdef01234567"};
  HubServer server_;
};

TEST_F(OnAHub, EveryToolDownloadsAndSaysWhatAndWhereTo) {
  const std::vector<std::vector<std::string>> commands{
      {"stac-convert", "--model", "org/tiny", "--revision", "main", "--timesteps", "4", "--simplified"},
      {"stac-test", "--model", "org/tiny", "--revision", "main", "--coverage"},
      {"stac-bench", "--model", "org/tiny@main", "--speed", "--gen-tokens", "2", "--prompt-tokens", "4",
       "--repetitions", "1"},
      {"stac-chat", "--model", "org/tiny", "--revision", "main", "--prompt", "a", "--max-new-tokens", "1"}};
  for (const auto& command : commands) {
    std::filesystem::remove_all(cache());
    EXPECT_EQ(finished(start(command, "err")), 0) << command.front() << said("err");
    EXPECT_THAT(said("err"), HasSubstr("downloading org/tiny (main, commit 0123456789ab) from " + server_.endpoint()))
        << command.front();
    EXPECT_THAT(said("err"), HasSubstr((cache() / "models--org--tiny").string())) << command.front();
  }
}

TEST_F(OnAHub, QuietSilencesItAndFetchPrintsThePath) {
  EXPECT_EQ(finished(start({"stac-convert", "--fetch", "org/tiny", "--quiet"}, "err")), 0) << said("err");
  EXPECT_EQ(said("err"), "");
  EXPECT_EQ(said("out"), weights().parent_path().string() + "\n");
}

TEST_F(OnAHub, ShortNamesAreListed) {
  EXPECT_EQ(finished(start({"stac-convert", "--list-models"}, "err")), 0);
  EXPECT_THAT(said("out"), HasSubstr("HuggingFaceTB/SmolLM2-1.7B-Instruct"));
  EXPECT_EQ(server_.requests().size(), 0U);
}

TEST_F(OnAHub, ListingAndFetchingStandAlone) {
  for (const std::vector<std::string>& other :
       {std::vector<std::string>{"--fetch", "org/tiny"}, {"--model", "org/tiny"}}) {
    std::vector<std::string> command{"stac-convert", "--list-models"};
    command.insert(command.end(), other.begin(), other.end());
    EXPECT_EQ(finished(start(command, "err")), 2);
    EXPECT_THAT(said("err"), HasSubstr("--list-models and --fetch do nothing else"));
  }
  EXPECT_FALSE(std::filesystem::exists(weights()));
}

TEST_F(OnAHub, AKillAtAnyMomentAndACtrlCLeaveAPartToGoOnFrom) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 8; ++round) {
    std::filesystem::remove_all(cache());
    slow_down();
    const pid_t child = start({"stac-convert", "--fetch", "org/tiny"}, "err");
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 250));
    const bool asks = round % 2 == 0;
    ::kill(child, asks ? SIGINT : SIGKILL);
    const int status = finished(child);
    EXPECT_TRUE(status == 0 || status == 128 + SIGINT || status == 128 + SIGKILL) << status << said("err");
    server_.interfere({});
    EXPECT_EQ(finished(start({"stac-convert", "--fetch", "org/tiny"}, "err")), 0) << said("err");
    EXPECT_EQ(read_file(weights()), model_.files.at("model.safetensors").bytes) << "round " << round;
  }
}

TEST_F(OnAHub, TwoProcessesAtOnceFetchEveryFileOnce) {
  slow_down();
  const pid_t one = start({"stac-convert", "--fetch", "org/tiny"}, "err1");
  const pid_t other = start({"stac-convert", "--fetch", "org/tiny"}, "err2");
  EXPECT_EQ(finished(one), 0) << said("err1");
  EXPECT_EQ(finished(other), 0) << said("err2");
  EXPECT_EQ(read_file(weights()), model_.files.at("model.safetensors").bytes);
  int transfers = 0;
  for (const ServedRequest& request : server_.requests()) transfers += request.is_of_storage() ? 1 : 0;
  EXPECT_EQ(transfers, 1);
}

}  // namespace
}  // namespace stac::testing
