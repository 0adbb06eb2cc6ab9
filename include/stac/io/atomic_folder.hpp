// A folder that appears whole or not at all: what a conversion writes.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>

namespace stac::io {

enum class IfExists { refuse, replace };

/// A folder under construction, beside its place, under a hidden name. publish() syncs everything in it and renames it
/// in; an existing folder is exchanged for it in one step (renameat2, RENAME_EXCHANGE), then removed. A kill at any
/// moment leaves the old or the new one whole; what a killed run left hidden is cleared by the next one, and what a
/// living run holds never is. Destroyed unpublished, it leaves nothing behind.
class AtomicFolder {
 public:
  /// Everything that could speak against publishing is checked here, before the work.
  /// @throws stac::Error  `target` exists and the policy is refuse; or as check_can_replace; or its parent is not
  /// writable
  AtomicFolder(const std::filesystem::path& target, IfExists policy);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  /// The folder to write into.
  [[nodiscard]] const std::filesystem::path& path() const;
  /// Where it will be: absolute, symbolic links followed.
  [[nodiscard]] const std::filesystem::path& target() const;

  /// @return the replaced folder, where it could not be removed; it lies hidden beside the new one
  /// @throws stac::Error  the target appeared meanwhile and the policy is refuse; a full disk. The old one is then
  /// whole
  std::optional<std::filesystem::path> publish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Says, before any work, whether what is at `target` can be replaced in one step: by exchanging two folders beside it.
/// Nothing there: nothing to say.
/// @throws stac::Error  the file system cannot exchange; the target is not a folder, or holds the working directory or
///         the home directory
void check_can_replace(const std::filesystem::path& target);

/// True where writing `output` would touch the folder `source`: equal to it, inside it, or around it (replacing it
/// would remove the source). Symbolic links are followed; `output` need not exist.
[[nodiscard]] bool output_conflicts_with_source(const std::filesystem::path& output,
                                                const std::filesystem::path& source);

}  // namespace stac::io
