#include "stac/cli/tool.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>

#include "stac/cli/interruption.hpp"
#include "stac/cli/table.hpp"
#include "stac/cli/terminal.hpp"
#include "stac/error.hpp"

namespace stac::cli {
namespace {

void configure_logging(const CommonOptions& options) {
  const auto mode = stderr_has_colour() ? spdlog::color_mode::automatic : spdlog::color_mode::never;
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_st>(mode);
  auto logger = std::make_shared<spdlog::logger>("stac", std::move(sink));
  logger->set_pattern("%^%l:%$ %v");
  const auto wanted = spdlog::level::from_str(options.log_level);
  logger->set_level(options.quiet ? std::max(wanted, spdlog::level::err) : wanted);
  spdlog::set_default_logger(std::move(logger));
}

std::string help_text(const ToolInfo& tool, const FlagSet& flags) {
  std::string text;
  for (const std::string& line : wrap(tool.summary, kReportColumns)) text += line + "\n";
  text += "\nUsage: " + tool.name + " [flags]\n" + flags.help();
  if (tool.examples.empty()) return text;
  text += "\nExamples:\n";
  for (const std::string& example : tool.examples) text += "  " + example + "\n";
  return text;
}

// A failure's object goes to stdout, where a reader waits for one; a file of --json=FILE holds results only.
ExitStatus fail(Console& console, const std::string& what, const std::string& hint) {
  print_error(what, hint);
  if (!console.stdout_is_json() || console.reported()) return ExitStatus::failed;
  try {
    console.report({{"error", what}, {"hint", hint}});
  } catch (const Error& error) {
    print_error(error.what(), error.hint());
  }
  return ExitStatus::failed;
}

ExitStatus run_body(const CommonOptions& options, const std::function<ExitStatus(Console&)>& body) {
  Console console(options);
  try {
    configure_logging(options);
    catch_interrupts();
    apply(options);
    return body(console);
  } catch (const UsageError& error) {
    print_error(error.what(), error.hint());
    return ExitStatus::usage;
  } catch (const Error& error) {
    return fail(console, error.what(), error.hint());
  } catch (const Interrupted&) {
    print_error("interrupted", "");
    return ExitStatus::interrupted;
  } catch (const std::bad_alloc&) {
    return fail(console, "there is not enough memory", "use a smaller model or a shorter text");
  } catch (const std::exception& error) {
    return fail(console, std::string("internal: ") + error.what(), "this is a defect of STAC: please report it");
  }
}

}  // namespace

int run_tool(int argc, char** argv, const ToolInfo& tool, const std::function<void(FlagSet&)>& declare,
             const std::function<ExitStatus(Console&)>& body) {
  hold_standard_streams();
  CommonOptions common;
  FlagSet flags;
  declare(flags);
  common.declare(flags);
  try {
    flags.parse(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const UsageError& error) {
    print_error(error.what(), error.hint());
    return static_cast<int>(ExitStatus::usage);
  }
  if (common.help || common.version) {
    set_threads(common);  // the version names them
    const std::string text = common.help ? help_text(tool, flags) : version_text(tool.name);
    const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
    return static_cast<int>(written ? ExitStatus::done : ExitStatus::failed);
  }
  return static_cast<int>(run_body(common, body));
}

}  // namespace stac::cli
