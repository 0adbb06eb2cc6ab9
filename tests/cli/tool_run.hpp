// Runs a command as a user does: a process with arguments, judged by its streams and its exit status.
#pragma once
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/test_paths.hpp"

namespace stac::testing {

struct ToolResult {
  int status = -1;
  std::string out, err;
};

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Commands of the build, each in its own working and state folder.
class ToolRunner {
 public:
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  [[nodiscard]] ToolResult run(const std::string& tool, const std::vector<std::string>& arguments) const {
    std::string command = "cd " + quoted(folder().string()) +
                          " && HF_HUB_OFFLINE=1 XDG_STATE_HOME=" + quoted(folder().string()) + " " +
                          quoted((tool_dir() / tool).string());
    for (const std::string& argument : arguments) command += " " + quoted(argument);
    command += " < /dev/null > .out 2> .err";
    const int raw = std::system(command.c_str());
    return {WIFEXITED(raw) ? WEXITSTATUS(raw) : -1, read_file(folder() / ".out"), read_file(folder() / ".err")};
  }

 private:
  static std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
  }

  TemporaryFolder folder_;
};

}  // namespace stac::testing
