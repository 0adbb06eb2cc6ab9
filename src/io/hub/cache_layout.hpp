// Places in the Hugging Face cache (stac/io/hub_cache.hpp), and the steps that fill it.
#pragma once
#include <filesystem>
#include <string>

namespace stac::io {

enum class RepositoryKind { model, dataset };

/// One repository's part of the cache.
class RepositoryCache {
 public:
  /// @param repository  "org/name"
  RepositoryCache(std::filesystem::path cache, RepositoryKind kind, std::string repository);

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path blob(const std::string& etag) const { return folder_ / "blobs" / etag; }
  [[nodiscard]] std::filesystem::path lock(const std::string& etag) const;
  [[nodiscard]] std::filesystem::path snapshot(const std::string& commit) const {
    return folder_ / "snapshots" / commit;
  }

  /// The commit that a branch or tag stood at when it was fetched; the revision itself where there is no such ref.
  /// @throws stac::Error  a ref that does not hold a commit
  [[nodiscard]] std::string commit_of(const std::string& revision) const;

  /// Puts a blob into a snapshot: a relative link, made in one step; where there is one to it, nothing is done.
  /// @throws stac::Error  the file system has no links, or cannot be written to
  void link(const std::string& commit, const std::string& file, const std::string& etag) const;

  /// Notes what commit a revision stood at, in one step; nothing where the revision is the commit.
  void note_revision(const std::string& revision, const std::string& commit) const;

 private:
  std::filesystem::path cache_, folder_;
};

/// @throws stac::Error naming the folder
void make_folders(const std::filesystem::path& folder);

}  // namespace stac::io
