#include "support/test_paths.hpp"

#include <cstdlib>
#include <stdexcept>

namespace stac::testing {

namespace fs = std::filesystem;

fs::path source_root() { return STAC_SOURCE_DIR; }

fs::path test_data(const std::string& name) { return source_root() / "tests" / "data" / name; }

fs::path tool_dir() { return fs::path(STAC_BINARY_DIR) / "bin"; }

std::optional<fs::path> shared_data(const std::string& name) {
  const char* folder = std::getenv("STAC_TEST_SHARED");
  const fs::path path = (folder ? fs::path(folder) : source_root().parent_path() / "shared") / name;
  if (!fs::exists(path)) return std::nullopt;
  return path;
}

fs::path memory_folder() {
  const fs::path memory = "/dev/shm";
  return fs::is_directory(memory) ? memory : fs::temp_directory_path();
}

TemporaryFolder::TemporaryFolder(const fs::path& parent) {
  std::string name = (parent / "stac-test-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace stac::testing
