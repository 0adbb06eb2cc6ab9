// The shape of every command: parse the flags, call the library, print. Exit status 0: done; 1: the content or the work
// failed; 2: bad usage; 130: Ctrl-C.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "stac/cli/common_options.hpp"
#include "stac/cli/console.hpp"
#include "stac/cli/flag_set.hpp"

namespace stac::cli {

struct ToolInfo {
  std::string name;                   ///< "stac-convert"
  std::string summary;                ///< one sentence
  std::vector<std::string> examples;  ///< whole command lines
};

enum class ExitStatus : int { done = 0, failed = 1, usage = 2, interrupted = 130 };

/// Parses, answers --help and --version, applies the common flags, runs the body, and turns what it throws into a
/// message and an exit status.
/// @param declare  declares the command's own flags
/// @param body     runs when they are parsed
[[nodiscard]] int run_tool(int argc, char** argv, const ToolInfo& tool, const std::function<void(FlagSet&)>& declare,
                           const std::function<ExitStatus(Console&)>& body);

/// The same with the command's flags in a struct that declares them: `void Options::declare(FlagSet&)`.
/// @param body  ExitStatus(const Options&, Console&)
template <typename Options, typename Body>
[[nodiscard]] int run(int argc, char** argv, const ToolInfo& tool, Body body) {
  Options options;
  return run_tool(
      argc, argv, tool, [&](FlagSet& flags) { options.declare(flags); },
      [&](Console& console) { return body(std::as_const(options), console); });
}

/// What --version prints: STAC, LibTorch, BLAS and instruction set in use.
[[nodiscard]] std::string version_text(const std::string& tool_name);

}  // namespace stac::cli
