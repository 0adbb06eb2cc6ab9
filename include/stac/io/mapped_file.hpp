// A regular file, mapped read-only.
#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace stac::io {

/// The mapping lives as long as the object. A file that another process shortens meanwhile ends this one with SIGBUS,
/// as for every program that maps files; STAC itself never shortens a published file (atomic_folder.hpp).
class MappedFile {
 public:
  /// @throws stac::Error naming the file: missing, unreadable, not a regular file
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  MappedFile(std::filesystem::path path, const std::byte* data, std::size_t size);

  std::filesystem::path path_;
  const std::byte* data_;
  std::size_t size_;
};

/// Takes whole pages of a MappedFile out of this process's memory; they are read again when they are needed again. Of
/// other memory their content would be lost.
void give_back(std::span<const std::byte> bytes);

}  // namespace stac::io
