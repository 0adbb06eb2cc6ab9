// Flags that every command has.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "stac/cli/flag_set.hpp"

namespace stac::cli {

struct CommonOptions {
  std::optional<std::filesystem::path> json;  ///< --json: an empty path is stdout
  bool quiet = false;                         ///< results and errors only
  std::string log_level = "info";             ///< trace, debug, info, warn, error or off
  std::int64_t seed = 0;
  std::int64_t threads = 0;  ///< 0: as many as there are processors
  std::string device = "cpu";
  bool help = false;
  bool version = false;

  void declare(FlagSet& flags);
};

/// Sets LibTorch's number of threads.
void set_threads(const CommonOptions& options);

/// Makes the process do what the flags say of threads.
/// @throws stac::Error  a file of --json=FILE that could not be written
void apply(const CommonOptions& options);

/// Whether --device is cuda. Asked by whoever opens a model: a command that cannot use a GPU says so first.
/// @throws stac::Error  it is, and there is none
[[nodiscard]] bool wants_gpu(const CommonOptions& options);

}  // namespace stac::cli
