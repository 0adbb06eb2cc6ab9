#include "io/relative_path.hpp"

#include <algorithm>
#include <filesystem>

namespace stac::io {

bool stays_inside(const std::string& path) {
  const std::filesystem::path parsed(path);
  if (path.empty() || path.find('\0') != std::string::npos || parsed.is_absolute() || !parsed.has_filename()) {
    return false;
  }
  return std::none_of(parsed.begin(), parsed.end(), [](const auto& part) { return part == ".."; });
}

}  // namespace stac::io
