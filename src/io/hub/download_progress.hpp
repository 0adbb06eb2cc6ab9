// Where a download stands, as its watcher is told.
#pragma once
#include <cstdint>
#include <string>

#include "stac/io/hub_download.hpp"

namespace stac::io {

class DownloadProgress {
 public:
  /// @param watcher  borrowed
  explicit DownloadProgress(const DownloadWatcher& watcher) : watcher_(watcher) {}

  void begin(const DownloadPlan& plan) {
    total_ = plan.bytes;
    if (watcher_.begin) watcher_.begin(plan);
  }
  void start_file(const std::string& name) {
    file_ = name;
    of_file_ = 0;
  }
  /// Bytes of the current file that are there.
  void reached(std::uint64_t bytes) {
    of_file_ = bytes;
    tick();
  }
  void finish_file(std::uint64_t bytes) {
    before_ += bytes;
    of_file_ = 0;
    tick();
  }

  /// Lets the watcher stop the work while nothing arrives.
  void tick() const {
    if (watcher_.progress) watcher_.progress(file_, before_ + of_file_, total_);
  }
  void warn(const std::string& text) const {
    if (watcher_.warn) watcher_.warn(text);
  }

 private:
  const DownloadWatcher& watcher_;
  std::string file_;
  std::uint64_t before_ = 0;   ///< of the files that are done
  std::uint64_t of_file_ = 0;  ///< of the current one
  std::uint64_t total_ = 0;
};

}  // namespace stac::io
