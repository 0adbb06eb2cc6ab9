// The Hugging Face cache, as huggingface_hub lays it out:
//
//   models--org--name/blobs/<etag>              contents; the etag is their SHA-256, or git's SHA-1 of them
//   models--org--name/snapshots/<commit>/<file> links to them: a checkpoint folder
//   models--org--name/refs/<revision>           the commit that a branch or tag stood at when it was fetched
//   .locks/models--org--name/<etag>.lock        locked (flock) while a blob is written
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "stac/io/hub_id.hpp"

namespace stac::io {

/// The snapshot of a model in the cache; a revision may also be the commit. A name without its organisation
/// (distilgpt2, gpt2) is found under both. nullopt where the cache has no config.json or not all weights of it.
/// @throws stac::Error  a refs file that does not hold a commit, a weights index that is broken
[[nodiscard]] std::optional<std::filesystem::path> find_in_hub_cache(const std::filesystem::path& cache,
                                                                     const HubId& id);

/// A file of a data set in the cache.
[[nodiscard]] std::optional<std::filesystem::path> find_in_hub_cache(const std::filesystem::path& cache,
                                                                     const HubFile& file);

}  // namespace stac::io
