// A converted model as a folder: config.json, stac.json, model.safetensors, tokenizer files, README.md
// (docs/artifact.md).
#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "stac/convert/converter.hpp"
#include "stac/convert/manifest.hpp"
#include "stac/io/checkpoint.hpp"
#include "stac/io/file_fingerprint.hpp"

namespace stac::convert {

enum class Overwrite {
  refuse,  ///< an existing output is an error
  replace  ///< an existing artifact is exchanged in one step
};

/// `./<name>-snn-t<T>`
/// @param name  of the trained checkpoint
[[nodiscard]] std::filesystem::path default_output(const std::string& name, const ConversionOptions& options);

/// Refuses, before the work of a conversion, an output that could not be written after it: one that exists (unless
/// `replace`), that is the model folder, lies in it or holds it, that is not STAC's to replace, or whose file system
/// cannot exchange folders. Clears what killed runs left beside it.
/// @throws stac::Error naming the output
void require_writable_output(const std::filesystem::path& output, const io::Checkpoint& source, Overwrite overwrite);

/// Writes the artifact beside `output`, syncs it and renames it in (exchanges it, for `replace`): killed at any moment,
/// the old folder or the new one is there whole.
/// @param add_files  writes what shall lie in the artifact too into the folder that it is given; the manifest lists it
/// @return the folder, absolute
/// @throws stac::Error  as require_writable_output; a source that changed while it was converted; a full disk, and the
/// like
std::filesystem::path save_artifact(const Conversion& conversion, const std::filesystem::path& output,
                                    Overwrite overwrite,
                                    const std::function<void(const std::filesystem::path& folder)>& add_files = {});

/// Whether an artifact's own file may have this name, or a reader would take one of this name for part of the model.
[[nodiscard]] bool is_artifact_file(const std::string& name);

/// An artifact, checked and open.
struct Artifact {
  std::filesystem::path folder;  ///< absolute
  Manifest manifest;
  io::Checkpoint checkpoint;  ///< its own config and weights
};

/// Whether the folder says it is an artifact (it holds stac.json).
[[nodiscard]] bool is_artifact(const std::filesystem::path& folder);

/// Checks the manifest, every listed file's size and SHA-256 (a large file's once per state of the file, always with
/// HashPolicy::recomputed), the safetensors header, and that no unlisted file would be read.
/// @throws stac::Error naming the file: missing, cut, changed, enlarged, unlisted
[[nodiscard]] Artifact load_artifact(const std::filesystem::path& folder,
                                     io::HashPolicy hashes = io::HashPolicy::remembered);

}  // namespace stac::convert
