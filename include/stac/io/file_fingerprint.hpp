// SHA-256 of large files, computed once per state of the file.
#pragma once
#include <filesystem>
#include <string>

namespace stac::io {

enum class HashPolicy {
  remembered,  ///< trust a hash noted for the same device, inode, size, modification and change time
  recomputed   ///< read every byte (and note the result)
};

/// Hashes of files of 1 MiB and more are noted in $XDG_CACHE_HOME/stac/sha256 (default ~/.cache/stac/sha256), one small
/// file each; smaller ones are always read. A file changed in the two seconds before is hashed but not noted, since its
/// times could not tell a further change. A broken, foreign or unwritable cache is never an error: the file is read.
/// @throws stac::Error naming the file: missing, unreadable
[[nodiscard]] std::string verified_sha256(const std::filesystem::path& path, HashPolicy policy);

}  // namespace stac::io
