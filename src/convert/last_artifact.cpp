#include "stac/convert/last_artifact.hpp"

#include <exception>
#include <string_view>
#include <system_error>

#include "stac/convert/artifact.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/io/json_file.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLongestPath = 64U << 10U;

}  // namespace

std::optional<fs::path> last_artifact_record() {
  const auto state = io::state_folder();
  return state ? std::optional(*state / "last") : std::nullopt;
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
