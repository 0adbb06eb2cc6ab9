// Where models/ and configs/ lie. The working directory never matters.
#pragma once
#include <filesystem>
#include <optional>
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

/// Where the user's own state lies: $XDG_STATE_HOME/stac, else ~/.local/state/stac; nothing where neither is an
/// absolute path (the XDG base directory specification has the others ignored). May not exist yet.
[[nodiscard]] std::optional<std::filesystem::path> state_folder();

}  // namespace stac::io
