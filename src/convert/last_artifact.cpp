#include "stac/convert/last_artifact.hpp"

#include <cstdlib>
#include <exception>
#include <string_view>
#include <system_error>

#include "stac/convert/artifact.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/io/json_file.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLongestPath = 64U << 10U;

/// The XDG base directory specification: a path that is not absolute is to be ignored.
std::optional<fs::path> absolute_from(const char* variable) {
  const char* const value = std::getenv(variable);
  if (value == nullptr || !fs::path(value).is_absolute()) return std::nullopt;
  return fs::path(value);
}

}  // namespace

std::optional<fs::path> last_artifact_record() {
  if (const auto state = absolute_from("XDG_STATE_HOME")) return *state / "stac" / "last";
  if (const auto home = absolute_from("HOME")) return *home / ".local" / "state" / "stac" / "last";
  return std::nullopt;
}

std::optional<std::string> record_last_artifact(const fs::path& folder) {
  const std::string consequence = "not noted as the artifact written last: ";
  const auto record = last_artifact_record();
  if (!record) return consequence + "neither XDG_STATE_HOME nor HOME names a folder";
  try {
    fs::create_directories(record->parent_path());
    io::write_file_atomically(*record, fs::absolute(folder).string() + "\n");
  } catch (const std::exception& error) {
    return consequence + error.what();
  }
  return std::nullopt;
}

std::optional<fs::path> last_artifact() {
  const auto record = last_artifact_record();
  if (!record) return std::nullopt;
  try {
    std::string line = io::read_text_file(*record, kLongestPath);
    if (line.ends_with('\n')) line.pop_back();
    const fs::path folder = line;
    if (folder.is_absolute() && is_artifact(folder)) return folder;
  } catch (const std::exception&) {
    return std::nullopt;  // nothing noted yet, or not readable: as good as nothing noted
  }
  return std::nullopt;
}

}  // namespace stac::convert
