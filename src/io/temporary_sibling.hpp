// Hidden files and folders beside the place that they will be renamed to, and the clearing of those a killed run left.
//
// A name is `.NAME.stac-tmp-PID-XXXXXXXX`. Its maker holds flock() on it while it works, which the kernel lets go when
// the process dies, however it dies: a lock that can be taken means a leftover, whatever became of the process id.
#pragma once
#include <filesystem>

#include "io/file_descriptor.hpp"

namespace stac::io {

/// A temporary file or folder, locked while this lives. Removing it is the holder's.
struct TemporarySibling {
  std::filesystem::path path;
  FileDescriptor lock;
};

/// Absolute, symbolic links followed, no trailing slash: where something is published.
/// @throws stac::UsageError  the path has no name of its own ("", "/", "..")
[[nodiscard]] std::filesystem::path resolve_target(const std::filesystem::path& path);

/// @param target  resolved; its folder exists
/// @throws stac::Error  the folder cannot be written to
[[nodiscard]] TemporarySibling make_temporary_folder(const std::filesystem::path& target);
/// The same for a file, open for writing as `lock`.
[[nodiscard]] TemporarySibling make_temporary_file(const std::filesystem::path& target);

/// Removes what killed runs left in `folder`; never what a living process holds. Never throws: what cannot be removed
/// stays, hidden, for the next run.
void clear_leftovers(const std::filesystem::path& folder) noexcept;

}  // namespace stac::io
