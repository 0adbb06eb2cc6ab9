#include "io/temporary_sibling.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <system_error>

#include "stac/error.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = ".stac-tmp-";
constexpr std::size_t kRandomDigits = 8;
constexpr std::size_t kLongestName = 200;  // leaves room for mark, process id and digits within 255 bytes
constexpr int kAttempts = 100;

std::string random_digits() {
  std::uint32_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) throw Error("no random numbers: " + system_reason());
  std::array<char, kRandomDigits + 1> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", bits);
  return digits.data();
}

fs::path temporary_path(const fs::path& target) {
  const std::string name = target.filename().string().substr(0, kLongestName);
  return target.parent_path() / ("." + name + kMark + std::to_string(::getpid()) + "-" + random_digits());
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

bool is_temporary_name(const std::string& name) {
  const std::size_t mark = name.rfind(kMark);
  if (name.empty() || name.front() != '.' || mark == std::string::npos) return false;
  const std::string tail = name.substr(mark + std::string_view(kMark).size());
  const std::size_t dash = tail.find('-');
  if (dash == std::string::npos || dash == 0 || tail.size() != dash + 1 + kRandomDigits) return false;
  return std::all_of(tail.begin(), tail.begin() + static_cast<std::ptrdiff_t>(dash), is_digit) &&
         std::all_of(tail.begin() + static_cast<std::ptrdiff_t>(dash) + 1, tail.end(), is_hex);
}

/// False where another run took it for a leftover in the moment between making and locking.
bool still_there(const FileDescriptor& file, const fs::path& path) {
  struct stat open_one {};
  struct stat named {};
  if (::fstat(file.get(), &open_one) != 0 || ::lstat(path.c_str(), &named) != 0) return false;
  return open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

bool lock_now(const FileDescriptor& file) {
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return true;
  return errno != EWOULDBLOCK;  // a file system without locks: clear_leftovers() then leaves everything alone
}

[[noreturn]] void refuse_folder(const fs::path& target) {
  throw Error(target.parent_path().string() + ": cannot be written to: " + system_reason(),
              "choose another place for " + target.filename().string() + ", or check permissions and free space");
}

/// @param make  makes the path and opens it; a closed descriptor with errno EEXIST asks for another name
TemporarySibling make_temporary(const fs::path& target, const std::function<FileDescriptor(const fs::path&)>& make) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const fs::path path = temporary_path(target);
    FileDescriptor file = make(path);
    if (!file.is_open() && errno != EEXIST && errno != ENOENT) refuse_folder(target);
    if (!file.is_open()) continue;
    if (lock_now(file) && still_there(file, path)) return {path, std::move(file)};
  }
  refuse_folder(target);
}

void clear_leftover(const fs::path& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0 || !(S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode))) return;
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open() || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return;
  std::error_code ignored;
  if (still_there(file, path)) fs::remove_all(path, ignored);
}

}  // namespace

fs::path resolve_target(const fs::path& path) {
  std::error_code failed;
  fs::path resolved = fs::weakly_canonical(fs::absolute(path), failed);
  if (failed) throw Error(path.string() + ": cannot be resolved: " + failed.message(), "check the path");
  if (!resolved.has_filename()) resolved = resolved.parent_path();  // "out/"
  if (path.empty() || !resolved.has_filename() || resolved == resolved.root_path()) {
    throw UsageError("'" + path.string() + "' does not name a file or folder to write", "give it a name of its own");
  }
  return resolved;
}

TemporarySibling make_temporary_folder(const fs::path& target) {
  return make_temporary(target, [](const fs::path& path) {
    if (::mkdir(path.c_str(), 0777) != 0) return FileDescriptor();
    return FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  });
}

TemporarySibling make_temporary_file(const fs::path& target) {
  return make_temporary(target, [](const fs::path& path) {
    return FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  });
}

void clear_leftovers(const fs::path& folder) noexcept {
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      if (is_temporary_name(entry.path().filename().string())) clear_leftover(entry.path());
    }
  } catch (const std::exception&) {
    return;  // an unreadable folder: what must be written there will say so
  }
}

}  // namespace stac::io
