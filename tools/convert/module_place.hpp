// Where stac-convert puts a TorchScript module: into the artifact that it writes, or elsewhere.
#pragma once
#include <filesystem>

namespace stac::tools {

struct ModulePlace {
  std::filesystem::path file;
  bool in_artifact = false;  ///< directly in the artifact's folder: written and published with it
};

/// @param file      the module's
/// @param artifact  the folder that will be written; need not exist
/// @throws stac::UsageError  a name that the artifact's own files have; a folder within the artifact; the artifact
/// @throws stac::Error       elsewhere, where nothing can be written
[[nodiscard]] ModulePlace place_module(const std::filesystem::path& file, const std::filesystem::path& artifact);

}  // namespace stac::tools
