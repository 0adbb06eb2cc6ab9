#include "stac/cli/console.hpp"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "stac/cli/terminal.hpp"
#include "stac/error.hpp"
#include "stac/io/atomic_file.hpp"

namespace stac::cli {
namespace {

void write_stdout(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) throw Error("standard output cannot be written", "check that its file system is not full");
}

/// The hint's lines, aligned under the message.
std::string indented(const std::string& text, std::size_t columns) {
  std::string result(columns, ' ');
  for (const char c : text) {
    result += c;
    if (c == '\n') result.append(columns, ' ');
  }
  return result;
}

}  // namespace

bool Console::stdout_is_json() const { return options_.json && options_.json->empty(); }

void Console::print(std::string_view text) const {
  if (!stdout_is_json()) write_stdout(text);
}

void Console::report(const nlohmann::json& object) {
  reported_ = true;
  if (!options_.json) return;
  const std::string text = object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (stdout_is_json()) return write_stdout(text);
  io::write_file_atomically(*options_.json, text);
}

void Console::note(const std::string& text) const { spdlog::info("{}", text); }

void Console::warn(const std::string& text) const { spdlog::warn("{}", text); }

ProgressBar Console::progress(const std::string& label, ProgressUnit unit) const {
  return {label, stderr_is_terminal() && !options_.quiet && options_.log_level != "off", unit};
}

void print_error(const std::string& what, const std::string& hint) {
  constexpr std::string_view kMark = "error: ";
  std::string text = coloured(kMark, Colour::red, stderr_has_colour()) + what + "\n";
  if (!hint.empty()) text += indented(hint, kMark.size()) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace stac::cli
