// The two renames that plain rename() does not have.
#pragma once
#include <filesystem>

namespace stac::io {

/// Swaps two existing entries of one file system in one step.
/// @return 0, or errno: ENOENT, or EINVAL / ENOSYS where the file system or the kernel cannot
[[nodiscard]] int exchange(const std::filesystem::path& one, const std::filesystem::path& other);

/// Renames a folder to a name that is free. @return 0, or errno: EEXIST where it is not
[[nodiscard]] int rename_to_free_name(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace stac::io
