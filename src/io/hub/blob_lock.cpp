#include "io/hub/blob_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "io/hub/cache_layout.hpp"
#include "stac/error.hpp"

namespace stac::io {
namespace {

constexpr std::chrono::milliseconds kBetweenTries{50};
constexpr ::mode_t kSharedWithGroup = 0664;

bool is_held_by_another(int error) { return error == EWOULDBLOCK || error == EACCES; }

}  // namespace

BlobLock::BlobLock(const std::filesystem::path& file, const std::function<void()>& waits,
                   const std::function<void()>& tick) {
  make_folders(file.parent_path());
  lock_ = FileDescriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kSharedWithGroup));
  constexpr const char* kHint = "check the permissions of the cache, or set HF_HUB_CACHE to a folder of your own";
  if (!lock_.is_open()) throw Error(file.string() + ": cannot be opened: " + system_reason(), kHint);
  for (bool first = true; ::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0; first = false) {
    if (errno == EINTR) continue;
    if (!is_held_by_another(errno)) throw Error(file.string() + ": cannot be locked: " + system_reason(), kHint);
    if (first) waits();
    tick();
    std::this_thread::sleep_for(kBetweenTries);
  }
}

}  // namespace stac::io
