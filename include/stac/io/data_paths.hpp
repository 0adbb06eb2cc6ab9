// Where models/ and configs/ lie. The working directory never matters.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace stac::io {

/// The folder of the running program.
[[nodiscard]] std::filesystem::path executable_folder();

/// Folders that may hold models/ and configs/, best first: $STAC_DATA alone where it is set; else, from the program's
/// folder, ../share/stac (installed) and ../.. (a build folder inside the source tree).
[[nodiscard]] std::vector<std::filesystem::path> data_folders();

/// The first data folder's `name` that exists: "configs/energy.json", "models/stac-tiny".
/// @throws stac::Error naming every place that was looked at
[[nodiscard]] std::filesystem::path find_data(const std::string& name);

}  // namespace stac::io
