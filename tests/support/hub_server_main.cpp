// Runs a command beside a hub of its own: stac_hub_server [models/ORG/NAME=FOLDER | datasets/ORG/NAME=FOLDER]... --
// COMMAND... The command finds the hub by HF_ENDPOINT; the server ends with it. Files of 64 KiB and more are served as
// large ones.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/hub_server.hpp"

namespace {

namespace fs = std::filesystem;
using stac::testing::HubServer;

constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";
constexpr std::uintmax_t kLarge = 64U << 10U;

stac::testing::ServedRepository repository_of(const fs::path& folder) {
  stac::testing::ServedRepository repository{kCommit};
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    repository.files[entry.path().lexically_relative(folder).string()] = {
        std::string(std::istreambuf_iterator<char>(file), {}), entry.file_size() >= kLarge};
  }
  return repository;
}

bool add(HubServer& server, const std::string& argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos) return false;
  const std::string name = argument.substr(0, equals);
  const fs::path folder = argument.substr(equals + 1);
  if (name.starts_with("models/")) server.add_model(name.substr(7), repository_of(folder));
  if (name.starts_with("datasets/")) server.add_dataset(name.substr(9), repository_of(folder));
  return name.starts_with("models/") || name.starts_with("datasets/");
}

}  // namespace

int main(int argc, char** argv) {
  HubServer server;
  int next = 1;
  while (next < argc && std::string(argv[next]) != "--") {
    if (!add(server, argv[next++])) return 2;
  }
  if (next + 1 >= argc) {
    std::fputs("usage: stac_hub_server [models/ORG/NAME=FOLDER | datasets/ORG/NAME=FOLDER]... -- COMMAND...\n", stderr);
    return 2;
  }
  ::setenv("HF_ENDPOINT", server.endpoint().c_str(), 1);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execvp(argv[next + 1], argv + next + 1);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
