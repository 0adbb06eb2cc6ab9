// One writer of a blob at a time, among all programs that keep to huggingface_hub's locks.
#pragma once
#include <filesystem>
#include <functional>

#include "io/file_descriptor.hpp"

namespace stac::io {

/// Holds flock() on the lock file, which stays there afterwards, as huggingface_hub leaves it.
class BlobLock {
 public:
  /// Waits until nobody holds it.
  /// @param waits  called once if it has to wait
  /// @param tick   called while it waits; may throw
  /// @throws stac::Error naming the file: it cannot be made or locked
  BlobLock(const std::filesystem::path& file, const std::function<void()>& waits, const std::function<void()>& tick);

 private:
  FileDescriptor lock_;
};

}  // namespace stac::io
