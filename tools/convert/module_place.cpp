#include "convert/module_place.hpp"

#include <string>

#include "stac/convert/artifact.hpp"
#include "stac/error.hpp"
#include "stac/io/atomic_file.hpp"

namespace stac::tools {
namespace {

namespace fs = std::filesystem;

/// Absolute, without links, dots and a slash at its end.
fs::path resolved(const fs::path& path) {
  const fs::path plain = fs::absolute(path).lexically_normal();
  return fs::weakly_canonical(plain.has_filename() ? plain : plain.parent_path());
}

}  // namespace

ModulePlace place_module(const fs::path& file, const fs::path& artifact) {
  const fs::path place = resolved(file), folder = resolved(artifact);
  const fs::path inside = place.lexically_relative(folder);
  if (inside.empty() || *inside.begin() == "..") {
    io::require_writable_file(file);
    return {file, false};
  }
  if (inside == "." || inside.has_parent_path()) {
    throw UsageError(file.string() + ": an artifact holds files, and no folders of others",
                     "put the module directly into it, or elsewhere");
  }
  if (convert::is_artifact_file(inside.string())) {
    throw UsageError(file.string() + ": is one of the artifact's own files", "give the module another name: model.pt");
  }
  return {place, true};
}

}  // namespace stac::tools
