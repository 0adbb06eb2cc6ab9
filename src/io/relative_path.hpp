// Names of files inside a folder, out of files that others wrote.
#pragma once
#include <string>

namespace stac::io {

/// Whether a path is a file's, relative, and stays inside its folder, by its text alone: no root, no "..".
[[nodiscard]] bool stays_inside(const std::string& path);

}  // namespace stac::io
