// Runs stac-chat as a user does: a process with arguments and a stdin, judged by its streams and its exit status.
#pragma once
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/test_paths.hpp"
#include "support/tiny_checkpoint.hpp"

namespace stac::testing {

struct ToolRun {
  int status = -1;
  std::string out, err;
};

inline std::string file_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// @param folder    for the streams, and the state folder of the process
/// @param redirect  what else the shell does with the streams: "<&-" closes stdin
inline ToolRun run_chat(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                        const std::string& input = {}, const std::string& redirect = {}) {
  std::ofstream(folder / "in", std::ios::binary) << input;
  std::string command = "cd / && XDG_STATE_HOME=" + shell_quoted(folder.string()) +
                        " STAC_DATA=" + shell_quoted(source_root().string()) + " " +
                        shell_quoted((tool_dir() / "stac-chat").string());
  for (const std::string& argument : arguments) command += " " + shell_quoted(argument);
  const auto stream = [&](const char* name) { return shell_quoted((folder / name).string()); };
  command += " < " + stream("in") + " > " + stream("out") + " 2> " + stream("err") + " " + redirect;
  const int raw = std::system(command.c_str());
  return {WIFEXITED(raw) ? WEXITSTATUS(raw) : -1, file_text(folder / "out"), file_text(folder / "err")};
}

/// A random model of bytes that has a chat template: its answers are noise, but noise that can be repeated.
inline std::filesystem::path write_tiny_chat_model(const std::filesystem::path& folder, std::int64_t positions = 96) {
  TinyCheckpoint shape;
  shape.vocab = 264;  // more rows than the tokenizer has ids
  shape.positions = positions;
  write_tiny_checkpoint(folder, shape);
  write_tiny_tokenizer(folder);
  std::ofstream(folder / "chat_template.jinja")
      << "{% for m in messages %}{{ m['role'][0] }}:{{ m['content'] }};{% endfor %}"
         "{% if add_generation_prompt %}a:{% endif %}";
  return folder;
}

}  // namespace stac::testing
