#include "io/file_descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "stac/error.hpp"

namespace stac::io {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = other.release();
  }
  return *this;
}

int FileDescriptor::release() {
  const int descriptor = descriptor_;
  descriptor_ = -1;
  return descriptor;
}

void FileDescriptor::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

std::string system_reason() { return std::strerror(errno); }

FileDescriptor open_regular_file(const std::filesystem::path& path, struct stat& facts) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open()) {
    throw Error(path.string() + ": cannot be opened: " + system_reason(), "check the path and its permissions");
  }
  if (::fstat(file.get(), &facts) != 0) throw Error(path.string() + ": cannot be examined: " + system_reason());
  if (!S_ISREG(facts.st_mode)) {
    throw Error(path.string() + ": is not a regular file", "name the file itself, not a folder, a pipe or a device");
  }
  return file;
}

void read_in_blocks(const std::filesystem::path& path, const std::function<void(std::span<const std::byte>)>& take) {
  constexpr std::size_t kBlock = 1U << 20U;
  struct stat facts {};
  const FileDescriptor file = open_regular_file(path, facts);
  std::vector<std::byte> block(kBlock);
  while (true) {
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(path.string() + ": cannot be read: " + system_reason());
    if (got == 0) return;
    take(std::span(block).first(static_cast<std::size_t>(got)));
  }
}

void write_all(int descriptor, std::span<const std::byte> bytes, const std::filesystem::path& path) {
  constexpr std::size_t kLargestWrite = 1U << 30U;
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), std::min(bytes.size(), kLargestWrite));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      throw Error(path.string() + ": cannot be written: " + system_reason(),
                  "check the free space and permissions there");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void sync(int descriptor, const std::filesystem::path& path) {
  // Some file systems cannot sync a folder and say EINVAL: there is then nothing more that a program can do.
  if (::fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP) {
    throw Error(path.string() + ": cannot be made durable: " + system_reason(),
                "check the disk's health and free space");
  }
}

void sync_path(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) throw Error(path.string() + ": cannot be opened: " + system_reason());
  sync(file.get(), path);
}

}  // namespace stac::io
