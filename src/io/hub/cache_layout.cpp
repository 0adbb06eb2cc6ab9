#include "io/hub/cache_layout.hpp"

#include <system_error>
#include <utility>

#include "io/file_descriptor.hpp"
#include "io/temporary_sibling.hpp"
#include "stac/error.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/io/hub_id.hpp"
#include "stac/io/json_file.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;

std::string folder_name(RepositoryKind kind, std::string repository) {
  if (const std::size_t slash = repository.find('/'); slash != std::string::npos) repository.replace(slash, 1, "--");
  return (kind == RepositoryKind::model ? "models--" : "datasets--") + repository;
}

}  // namespace

RepositoryCache::RepositoryCache(fs::path cache, RepositoryKind kind, std::string repository)
    : cache_(std::move(cache)), folder_(cache_ / folder_name(kind, std::move(repository))) {}

fs::path RepositoryCache::lock(const std::string& etag) const {
  return cache_ / ".locks" / folder_.filename() / (etag + ".lock");
}

std::string RepositoryCache::commit_of(const std::string& revision) const {
  const fs::path ref = folder_ / "refs" / revision;
  std::error_code ignored;
  if (!fs::exists(ref, ignored) || fs::is_directory(ref, ignored)) return revision;
  std::string commit = read_text_file(ref, 4096);
  commit.erase(commit.find_last_not_of(" \t\r\n") + 1);
  if (!is_commit(commit)) {
    throw Error(ref.string() + ": does not hold a commit", "remove that file, and fetch the model again");
  }
  return commit;
}

void RepositoryCache::link(const std::string& commit, const std::string& file, const std::string& etag) const {
  const fs::path link = snapshot(commit) / file;
  std::error_code failed;
  if (fs::equivalent(link, blob(etag), failed)) return;
  make_folders(link.parent_path());
  // In a folder of its own, for another run or thread may be at the same file; not among the snapshot's files.
  const TemporarySibling room = make_temporary_folder(folder_ / "link");
  const fs::path temporary = room.path / "link";
  fs::create_symlink(blob(etag).lexically_relative(link.parent_path()), temporary, failed);
  std::error_code ignored;
  if (failed) {
    fs::remove_all(room.path, ignored);
    throw Error(link.string() + ": cannot be made a symbolic link: " + failed.message(),
                "set HF_HUB_CACHE to a folder of a file system that has them, and that you may write to");
  }
  fs::rename(temporary, link, failed);
  fs::remove_all(room.path, ignored);
  if (failed) throw Error(link.string() + ": cannot be written: " + failed.message(), "check what stands there");
}

void RepositoryCache::note_revision(const std::string& revision, const std::string& commit) const {
  if (revision == commit) return;
  const fs::path ref = folder_ / "refs" / revision;
  make_folders(ref.parent_path());
  write_file_atomically(ref, commit);
}

void make_folders(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (!failed) return;
  throw Error(folder.string() + ": cannot be made: " + failed.message(),
              "check its permissions, or set HF_HUB_CACHE to a folder that you may write to");
}

}  // namespace stac::io
