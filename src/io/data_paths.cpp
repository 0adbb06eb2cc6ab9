#include "stac/io/data_paths.hpp"

#include <cstdlib>

#include "stac/error.hpp"

namespace stac::io {

namespace fs = std::filesystem;

namespace {

std::optional<fs::path> absolute_from(const char* variable) {
  const char* const value = std::getenv(variable);
  if (value == nullptr || !fs::path(value).is_absolute()) return std::nullopt;
  return fs::path(value);
}

}  // namespace

fs::path executable_folder() {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  if (failed) {
    throw Error("/proc/self/exe: cannot be read: " + failed.message(),
                "set STAC_DATA to the folder that holds models/ and configs/");
  }
  return program.parent_path();
}

std::vector<fs::path> data_folders() {
  const char* chosen = std::getenv("STAC_DATA");
  if (chosen && *chosen) return {fs::absolute(chosen)};
  const fs::path above = executable_folder().parent_path();
  return {above / "share" / "stac", above.parent_path()};
}

std::optional<fs::path> state_folder() {
  if (const auto state = absolute_from("XDG_STATE_HOME")) return *state / "stac";
  if (const auto home = absolute_from("HOME")) return *home / ".local" / "state" / "stac";
  return std::nullopt;
}

fs::path find_data(const std::string& name) {
  std::string looked;
  for (const fs::path& folder : data_folders()) {
    std::error_code ignored;
    if (fs::exists(folder / name, ignored)) return folder / name;
    looked += (looked.empty() ? "" : ", ") + (folder / name).string();
  }
  throw Error(name + ": not found; looked at " + looked,
              "set STAC_DATA to the folder that holds models/ and configs/, or install STAC again");
}

}  // namespace stac::io
