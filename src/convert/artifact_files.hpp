// The files of an artifact, by name.
#pragma once
#include <filesystem>
#include <system_error>

#include "stac/io/checkpoint_files.hpp"

namespace stac::convert {

inline constexpr const char* kManifestFile = "stac.json";
using io::kConfigFile;
using io::kWeightsFile;
inline constexpr const char* kCardFile = "README.md";

[[nodiscard]] inline bool file_exists(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// Where a source is, as manifests say it: absolute, links resolved.
[[nodiscard]] inline std::filesystem::path recorded_path(const std::filesystem::path& folder) {
  std::error_code failed;
  const std::filesystem::path resolved = std::filesystem::canonical(folder, failed);
  return failed ? std::filesystem::absolute(folder) : resolved;
}

}  // namespace stac::convert
