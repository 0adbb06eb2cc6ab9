#include <algorithm>
#include <string>
#include <system_error>

#include "convert/artifact_files.hpp"
#include "stac/convert/artifact.hpp"
#include "stac/error.hpp"
#include "stac/io/json_file.hpp"

namespace stac::convert {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestManifest = 4U << 20U;
constexpr const char* kHint = "the artifact is damaged: convert the model again, or copy the artifact again";

void require_file(const fs::path& path, const FileRecord& record, io::HashPolicy hashes) {
  std::error_code failed;
  if (!file_exists(path)) throw Error(path.string() + ": missing, but " + kManifestFile + " lists it", kHint);
  const std::uintmax_t size = fs::file_size(path, failed);
  if (failed) throw Error(path.string() + ": cannot be read: " + failed.message(), kHint);
  if (size != record.size) {
    throw Error(path.string() + ": has " + std::to_string(size) + " bytes, but " + kManifestFile + " says " +
                    std::to_string(record.size) + (size < record.size ? ": it was cut off" : ": it was enlarged"),
                kHint);
  }
  if (io::verified_sha256(path, hashes) == record.sha256) return;
  throw Error(path.string() + ": was changed: its SHA-256 is not the one in " + kManifestFile, kHint);
}

/// Readers choose by the files present, so one more of these would change what the artifact is. Terms and card are for
/// people, and the manifest does not list itself.
bool would_be_read(const std::string& name) {
  const bool apart = name.starts_with("LICENSE") || name == "NOTICE" || name == kCardFile || name == kManifestFile;
  return is_artifact_file(name) && !apart;
}

void require_no_strangers(const fs::path& folder, const Manifest& manifest) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (!would_be_read(entry.path().filename().string()) || manifest.files.contains(entry.path().filename().string()))
      continue;
    throw Error(entry.path().string() + ": was added: " + kManifestFile + " does not list it", "remove the file");
  }
}

}  // namespace

bool is_artifact_file(const std::string& name) {
  if (name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json")) return true;
  const auto& companions = io::kCompanionFiles;
  return name == kManifestFile || name == kConfigFile || name == kCardFile ||
         std::find(companions.begin(), companions.end(), name) != companions.end();
}

bool is_artifact(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / kManifestFile, ignored);
}

Artifact load_artifact(const fs::path& folder, io::HashPolicy hashes) {
  std::error_code failed;
  const fs::path where = fs::canonical(folder, failed);
  if (failed)
    throw Error(folder.string() + ": cannot be opened: " + failed.message(), "check the path of the artifact");
  const fs::path manifest_file = where / kManifestFile;
  if (!is_artifact(where)) {
    throw Error(manifest_file.string() + ": missing, so " + where.string() + " is no artifact",
                "name a folder that stac-convert wrote");
  }
  Artifact artifact;
  artifact.folder = where;
  artifact.manifest = parse_manifest(io::read_text_file(manifest_file, kLargestManifest), manifest_file.string());
  for (const auto& [name, record] : artifact.manifest.files) require_file(where / name, record, hashes);
  require_no_strangers(where, artifact.manifest);
  artifact.checkpoint = io::open_checkpoint(where);
  return artifact;
}

}  // namespace stac::convert
