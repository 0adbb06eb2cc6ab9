// Owned file descriptors, and the calls on them that every part of this room makes.
#pragma once
#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace stac::io {

/// Closed at the end of scope.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { close(); }

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] int get() const { return descriptor_; }
  int release();
  void close();

 private:
  int descriptor_ = -1;
};

/// "Permission denied" and the like, for the current errno.
[[nodiscard]] std::string system_reason();

/// Opens a regular file for reading; never blocks on a pipe or a device.
/// @param facts  written: the open file's own stat
/// @throws stac::Error naming the file
[[nodiscard]] FileDescriptor open_regular_file(const std::filesystem::path& path, struct stat& facts);

/// Hands over the file's bytes in order, a mebibyte at a time: memory does not grow with the file.
/// @throws stac::Error naming the file
void read_in_blocks(const std::filesystem::path& path, const std::function<void(std::span<const std::byte>)>& take);

/// @throws stac::Error naming `path`: the disk is full, and the like
void write_all(int descriptor, std::span<const std::byte> bytes, const std::filesystem::path& path);

/// fsync of a file or a folder. @throws stac::Error naming `path`
void sync(int descriptor, const std::filesystem::path& path);
void sync_path(const std::filesystem::path& path);

}  // namespace stac::io
