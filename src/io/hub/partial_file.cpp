#include "io/hub/partial_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "stac/error.hpp"

namespace stac::io {
namespace {

constexpr ::mode_t kAsTheUmaskSays = 0666;

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw Error(path.string() + ": cannot be " + what + ": " + system_reason(),
              "check the permissions of the cache, or set HF_HUB_CACHE to a folder that you may write to");
}

}  // namespace

PartialFile::PartialFile(const std::filesystem::path& path) : path_(path) {
  file_ = FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kAsTheUmaskSays));
  struct stat facts {};
  if (!file_.is_open() || ::fstat(file_.get(), &facts) != 0) fail(path_, "opened");
  size_ = static_cast<std::uint64_t>(facts.st_size);
}

void PartialFile::append(std::span<const std::byte> bytes) {
  write_all(file_.get(), bytes, path_);
  size_ += bytes.size();
}

void PartialFile::restart() {
  if (::ftruncate(file_.get(), 0) != 0) fail(path_, "emptied");
  size_ = 0;
}

void PartialFile::publish(const std::filesystem::path& name) {
  sync(file_.get(), path_);
  if (std::rename(path_.c_str(), name.c_str()) != 0) fail(name, "written");
  sync_path(name.parent_path());
}

void PartialFile::remove() { ::unlink(path_.c_str()); }

}  // namespace stac::io
