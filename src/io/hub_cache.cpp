#include "stac/io/hub_cache.hpp"

#include <algorithm>

#include "io/hub/cache_layout.hpp"
#include "stac/io/checkpoint_files.hpp"
#include "stac/io/model_names.hpp"
#include "stac/io/sharded.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool has_shards(const fs::path& index) {
  const std::vector<std::string> shards = shard_names(index);
  return std::all_of(shards.begin(), shards.end(),
                     [&](const auto& shard) { return is_there(index.parent_path() / shard); });
}

bool has_weights(const fs::path& snapshot) {
  if (is_there(snapshot / kWeightsFile)) return true;
  if (is_there(snapshot / kWeightsIndexFile)) return has_shards(snapshot / kWeightsIndexFile);
  // Pickle weights count here, so that opening them can say why they are refused.
  return is_there(snapshot / "pytorch_model.bin") || is_there(snapshot / "pytorch_model.bin.index.json");
}

/// The snapshot's folder, whatever it holds.
std::optional<fs::path> find_snapshot(const RepositoryCache& repository, const std::string& revision) {
  if (!is_there(repository.folder())) return std::nullopt;
  const std::string commit = repository.commit_of(revision);
  if (commit.find('/') != std::string::npos) return std::nullopt;  // a branch that was never fetched
  return repository.snapshot(commit);
}

}  // namespace

std::optional<fs::path> find_in_hub_cache(const fs::path& cache, const HubId& id) {
  for (const std::string& name : spellings(id.repository)) {
    const auto snapshot = find_snapshot({cache, RepositoryKind::model, name}, id.revision);
    if (snapshot && is_there(*snapshot / kConfigFile) && has_weights(*snapshot)) return snapshot;
  }
  return std::nullopt;
}

std::optional<fs::path> find_in_hub_cache(const fs::path& cache, const HubFile& file) {
  const auto snapshot = find_snapshot({cache, RepositoryKind::dataset, file.dataset.repository}, file.dataset.revision);
  if (!snapshot || !is_there(*snapshot / file.path)) return std::nullopt;
  return *snapshot / file.path;
}

}  // namespace stac::io
