// A file that appears whole or not at all.
#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace stac::io {

/// Written beside its place under a hidden name, synced, and renamed in by publish(), over what may be there.
/// Destroyed unpublished, it leaves nothing behind; killed, it leaves a hidden file that the next one clears.
class AtomicFile {
 public:
  /// @throws stac::Error naming the place: its folder is missing or not writable, or it is not a regular file
  explicit AtomicFile(const std::filesystem::path& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends. @throws stac::Error naming the file: a full disk, and the like
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);

  /// @throws stac::Error; the old file is then still there
  void publish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The whole of `bytes` as the file `path`, in one step: reports, state, manifests. A pipe or a device is written to.
/// @throws stac::Error naming the file
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Finds out before the work whether write_file_atomically could write there afterwards. @throws stac::Error if not
void require_writable_file(const std::filesystem::path& path);

}  // namespace stac::io
