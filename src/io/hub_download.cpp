#include "stac/io/hub_download.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <vector>

#include "io/hub/blob_download.hpp"
#include "io/hub/refusal.hpp"
#include "io/printable.hpp"
#include "io/relative_path.hpp"
#include "stac/io/byte_text.hpp"
#include "stac/io/checkpoint_files.hpp"
#include "stac/io/hub_cache.hpp"
#include "stac/io/model_names.hpp"
#include "stac/io/sharded.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;

/// One download of files of one revision.
class Download {
 public:
  Download(const HubAccess& access, const DownloadWatcher& watcher, HubAddress address)
      : progress_(watcher),
        client_(access, progress_),
        address_(std::move(address)),
        cache_(access.cache, address_.kind, address_.repository) {}

  [[nodiscard]] HubClient& client() { return client_; }
  [[nodiscard]] const HubAddress& address() const { return address_; }
  [[nodiscard]] const RepositoryCache& cache() const { return cache_; }

  /// The same revision by its commit, so that all files are of one.
  void pin(const std::string& commit) { pinned_ = {address_.kind, address_.repository, commit}; }

  RemoteFile describe(const std::string& file) {
    RemoteFile found = client_.describe(pinned_.revision.empty() ? address_ : pinned_, file);
    if (pinned_.revision.empty()) pin(found.commit);
    if (found.commit == pinned_.revision) return found;
    throw Error(in_quotes(address_.repository) + ", file " + in_quotes(file) + ": the server answers with commit " +
                    found.commit + " where " + pinned_.revision + " was asked for",
                "check HF_ENDPOINT, if it names a mirror");
  }

  void fetch(const std::vector<RemoteFile>& files) {
    for (const RemoteFile& file : files) {
      if (!has_blob(cache_, file)) {
        progress_.start_file(file.name);
        download_blob(client_, pinned_, cache_, file);
        progress_.finish_file(file.size);
      }
      cache_.link(pinned_.revision, file.name, file.etag);
    }
  }

  /// Tells what is missing, if there is room for it. @throws stac::Error  there is not
  void announce(const std::vector<RemoteFile>& files) {
    DownloadPlan plan{address_.repository, address_.revision, pinned_.revision, client_.access().endpoint,
                      cache_.folder()};
    std::uint64_t there = 0;
    std::set<std::string> seen;  // two names may have the same contents
    for (const RemoteFile& file : files) {
      if (has_blob(cache_, file) || !seen.insert(file.etag).second) continue;
      ++plan.files;
      plan.bytes += file.size;
      there += bytes_there(cache_, file);
    }
    if (plan.files == 0) return;
    require_space(plan.bytes - there);
    progress_.begin(plan);
  }

  /// Only now does the revision lead to the snapshot.
  fs::path finish() {
    cache_.note_revision(address_.revision, pinned_.revision);
    return cache_.snapshot(pinned_.revision);
  }

 private:
  void require_space(std::uint64_t bytes) const {
    fs::path place = cache_.folder();
    std::error_code failed;
    while (!fs::exists(place, failed) && place.has_relative_path()) place = place.parent_path();
    const fs::space_info space = fs::space(place, failed);
    if (failed || space.available >= bytes) return;  // a file system that cannot say will say when it is full
    throw Error(place.string() + ": " + in_quotes(address_.repository) + " needs " + byte_text(bytes) + " more, and " +
                    byte_text(space.available) + " are free",
                "make room, or set HF_HUB_CACHE to a folder of another disk");
  }

  DownloadProgress progress_;
  HubClient client_;
  HubAddress address_, pinned_;
  RepositoryCache cache_;
};

bool lists(const Listing& listing, std::string_view name) {
  return std::find(listing.files.begin(), listing.files.end(), name) != listing.files.end();
}

[[noreturn]] void refuse_weights(const HubAddress& address, const Listing& listing, const std::string& endpoint) {
  const std::string page = page_url(endpoint, address);
  const auto ends = [&](std::string_view ending) {
    return std::any_of(listing.files.begin(), listing.files.end(),
                       [&](const auto& file) { return file.ends_with(ending); });
  };
  if (ends(".bin") || ends(".pt") || ends(".pth")) {
    throw Error(in_quotes(address.repository) +
                    " has pickle weights alone, which are refused: opening a pickle file "
                    "runs the code inside it",
                "look for a revision with safetensors at " + page +
                    "/discussions (then --revision refs/pr/N), or convert it where you trust it");
  }
  throw Error(in_quotes(address.repository) + " has neither " + kWeightsFile + " nor " + kWeightsIndexFile +
                  (ends(".gguf") ? ", only GGUF files" : ""),
              "take the repository that holds the model in safetensors; its files: " + page + "/tree/main");
}

/// Config first, and weights last: what stops halfway is no snapshot yet.
std::vector<std::string> small_files(const HubAddress& address, const Listing& listing, const std::string& endpoint) {
  if (!lists(listing, kConfigFile)) {
    throw Error(
        in_quotes(address.repository) + " has no " + kConfigFile + ": it is not a model in transformers' format",
        "its files: " + page_url(endpoint, address) + "/tree/main");
  }
  std::vector<std::string> names{kConfigFile};
  for (const std::string_view name : kCompanionFiles) {
    if (lists(listing, name)) names.emplace_back(name);
  }
  return names;
}

std::vector<std::string> shards_of(Download& download, const Listing& listing) {
  const RemoteFile index = download.describe(kWeightsIndexFile);
  download.fetch({index});
  std::vector<std::string> shards = shard_names(download.cache().snapshot(listing.commit) / kWeightsIndexFile);
  for (const std::string& shard : shards) {
    if (lists(listing, shard) && stays_inside(shard)) continue;
    throw Error(in_quotes(download.address().repository) + ": " + kWeightsIndexFile + " names " + in_quotes(shard) +
                    ", which the repository does not have",
                "tell its owner, or take another revision");
  }
  return shards;
}

std::vector<std::string> weight_files(Download& download, const Listing& listing) {
  if (lists(listing, kWeightsFile)) return {kWeightsFile};
  if (lists(listing, kWeightsIndexFile)) return shards_of(download, listing);
  refuse_weights(download.address(), listing, download.client().access().endpoint);
}

}  // namespace

fs::path download_model(const HubAccess& access, const HubId& id, const DownloadWatcher& watcher) {
  Download download(access, watcher, {RepositoryKind::model, current_repository(id.repository), id.revision});
  const Listing listing = download.client().list(download.address());
  download.pin(listing.commit);
  std::vector<std::string> names = small_files(download.address(), listing, access.endpoint);
  for (std::string& name : weight_files(download, listing)) names.push_back(std::move(name));
  std::vector<RemoteFile> files;
  for (const std::string& name : names) files.push_back(download.describe(name));
  download.announce(files);
  download.fetch(files);
  return download.finish();
}

fs::path download_file(const HubAccess& access, const HubFile& file, const DownloadWatcher& watcher) {
  if (const auto cached = find_in_hub_cache(access.cache, file)) return *cached;
  if (access.offline) {
    throw Error("'" + file.path + "' of the data set " + in_quotes(file.dataset.repository) + " is not in the cache " +
                    access.cache.string() + ", and HF_HUB_OFFLINE is set",
                "fetch it with `hf download --repo-type dataset " + file.dataset.repository + " " + file.path +
                    (file.dataset.revision_given ? " --revision " + file.dataset.revision : "") + "`");
  }
  Download download(access, watcher, {RepositoryKind::dataset, file.dataset.repository, file.dataset.revision});
  const std::vector<RemoteFile> files{download.describe(file.path)};
  download.announce(files);
  download.fetch(files);
  return download.finish() / file.path;
}

}  // namespace stac::io
