// Downloads from the Hugging Face hub into its standard cache (hub_cache.hpp).
//
// A file is written to `blobs/<etag>.incomplete` under huggingface_hub's own lock, and goes on from there after a
// broken connection, a Ctrl-C or a kill. It gets its name only when its size and its hash are right; the revision is
// noted when every file is there.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "stac/error.hpp"
#include "stac/io/hub_access.hpp"
#include "stac/io/hub_id.hpp"

namespace stac::io {

/// What is about to be downloaded.
struct DownloadPlan {
  std::string repository;  ///< "org/name"
  std::string revision, commit;
  std::string endpoint;
  std::filesystem::path folder;  ///< of the cache
  std::size_t files = 0;
  std::uint64_t bytes = 0;  ///< of all files that are not in the cache yet
};

/// Who watches. Each may be empty; what one of them throws stops the download, whose parts stay for the next one.
struct DownloadWatcher {
  std::function<void(const DownloadPlan&)> begin;  ///< before the first byte; not where nothing is missing
  /// A byte or more arrived, or a second passed. `done` of the plan's bytes are there, parts of earlier runs included.
  std::function<void(const std::string& file, std::uint64_t done, std::uint64_t total)> progress;
  std::function<void(const std::string&)> warn;  ///< a retry, and why; another process's lock
};

/// Nobody answers at the endpoint.
class HubUnreachable : public Error {
 public:
  using Error::Error;
};

/// Downloads what STAC reads of a model: config, tokenizer, templates, licence, and safetensors weights with the shards
/// that their index names. What the cache has is not fetched again.
/// @return the snapshot's folder, complete
/// @throws HubUnreachable
/// @throws stac::Error  no such repository, revision or weights; a token that is missing or not accepted; a full disk;
///         a connection that keeps breaking; contents that are not what their hash says
[[nodiscard]] std::filesystem::path download_model(const HubAccess& access, const HubId& id,
                                                   const DownloadWatcher& watcher = {});

/// Downloads one file of a data set, where the cache does not have it. @return its path @throws as download_model
[[nodiscard]] std::filesystem::path download_file(const HubAccess& access, const HubFile& file,
                                                  const DownloadWatcher& watcher = {});

}  // namespace stac::io
