#include "stac/io/atomic_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "io/rename.hpp"
#include "io/temporary_sibling.hpp"
#include "stac/error.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;

constexpr int kAttempts = 100;  // another run may add or remove the target between two tries

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

bool equal_or_inside(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

/// Absolute, links followed as far as the path exists, without a trailing slash.
fs::path canonical_place(const fs::path& path) {
  const fs::path place = fs::weakly_canonical(fs::absolute(path));
  return place.has_filename() ? place : place.parent_path();
}

void refuse_to_remove(const fs::path& target) {
  std::error_code ignored;
  const char* home = std::getenv("HOME");
  const fs::path here = fs::current_path(ignored);
  const bool around_here = !here.empty() && equal_or_inside(here, target);
  const bool around_home = home && *home && equal_or_inside(canonical_place(home), target);
  if (!around_here && !around_home) return;
  throw Error(
      target.string() + ": is not replaced: it holds " + (around_here ? "the working directory" : "the home directory"),
      "choose another output folder");
}

void require_exchange(const fs::path& target) {
  const TemporarySibling one = make_temporary_folder(target);
  const TemporarySibling other = make_temporary_folder(target);
  const int failed = exchange(one.path, other.path);
  std::error_code ignored;
  fs::remove(one.path, ignored);
  fs::remove(other.path, ignored);
  if (failed == 0) return;
  throw Error(target.string() + ": cannot be replaced: the file system of " + target.parent_path().string() +
                  " cannot exchange two folders in one step (" + std::strerror(failed) + ")",
              "choose another output folder, or remove the old one first");
}

[[noreturn]] void refuse_existing(const fs::path& target) {
  throw Error(target.string() + ": exists already", "choose another output folder, or replace it with --force");
}

void sync_tree(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    const fs::file_type type = entry.symlink_status().type();
    if (type == fs::file_type::regular || type == fs::file_type::directory) sync_path(entry.path());
  }
  sync_path(folder);
}

void make_parent(const fs::path& target) {
  std::error_code failed;
  fs::create_directories(target.parent_path(), failed);
  if (failed) {
    throw Error(target.parent_path().string() + ": cannot be made: " + failed.message(),
                "choose another output folder");
  }
}

}  // namespace

struct AtomicFolder::State {
  fs::path target;
  IfExists policy;
  TemporarySibling temporary;
  bool published = false;

  /// @return true where an old folder now lies at the temporary name
  [[nodiscard]] bool move_in() const {
    int failed = 0;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      failed = rename_to_free_name(temporary.path, target);
      if (failed == 0) return false;
      if (failed != EEXIST && failed != ENOTEMPTY && failed != ENOTDIR) break;
      if (policy == IfExists::refuse) refuse_existing(target);
      failed = exchange(temporary.path, target);
      if (failed == 0) return true;
      if (failed != ENOENT) break;
    }
    throw Error(target.string() + ": cannot be put in place: " + std::strerror(failed),
                "check permissions, and that nothing else is writing there");
  }
};

AtomicFolder::AtomicFolder(const fs::path& target, IfExists policy) {
  const fs::path resolved = resolve_target(target);
  make_parent(resolved);
  clear_leftovers(resolved.parent_path());
  if (policy == IfExists::refuse && is_there(resolved)) refuse_existing(resolved);
  check_can_replace(resolved);
  state_ = std::make_unique<State>(State{resolved, policy, make_temporary_folder(resolved)});
}

AtomicFolder::~AtomicFolder() {
  if (state_->published) return;
  std::error_code ignored;
  fs::remove_all(state_->temporary.path, ignored);
}

const fs::path& AtomicFolder::path() const { return state_->temporary.path; }
const fs::path& AtomicFolder::target() const { return state_->target; }

std::optional<fs::path> AtomicFolder::publish() {
  sync_tree(state_->temporary.path);
  const bool replaced = state_->move_in();
  state_->published = true;
  sync_path(state_->target.parent_path());
  state_->temporary.lock.close();
  if (!replaced) return std::nullopt;
  std::error_code failed;
  fs::remove_all(state_->temporary.path, failed);
  if (!is_there(state_->temporary.path)) return std::nullopt;  // another run may have cleared it meanwhile
  return state_->temporary.path;
}

void check_can_replace(const fs::path& target) {
  const fs::path resolved = resolve_target(target);
  if (!is_there(resolved)) return;
  std::error_code ignored;
  if (!fs::is_directory(resolved, ignored)) {
    throw Error(resolved.string() + ": is not a folder, and is not replaced by one", "choose another output folder");
  }
  refuse_to_remove(resolved);
  require_exchange(resolved);
}

bool output_conflicts_with_source(const fs::path& output, const fs::path& source) {
  const fs::path output_place = canonical_place(output);
  const fs::path source_place = canonical_place(source);
  return equal_or_inside(output_place, source_place) || equal_or_inside(source_place, output_place);
}

}  // namespace stac::io
