// Where tests find their files.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace stac::testing {

/// tests/data/<name> of the source tree.
[[nodiscard]] std::filesystem::path test_data(const std::string& name);

/// The source tree's root: models/, configs/, docs/.
[[nodiscard]] std::filesystem::path source_root();

/// build/bin, where the tools lie.
[[nodiscard]] std::filesystem::path tool_dir();

/// Extra checkpoints and texts beside the checkout that not every machine has; tests skip with a message without them.
/// STAC_TEST_SHARED names the folder, default <source root>/../shared.
[[nodiscard]] std::optional<std::filesystem::path> shared_data(const std::string& name);

/// Where temporary folders cost no disk: /dev/shm, or the usual place where there is none.
[[nodiscard]] std::filesystem::path memory_folder();

/// A fresh folder, removed with everything in it at the end of scope.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::filesystem::path& parent = std::filesystem::temp_directory_path());
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace stac::testing
