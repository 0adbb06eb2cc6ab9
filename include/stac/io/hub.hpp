// Which folder a user means by --model: a path, a bundled model, or a model in the Hugging Face cache.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace stac::io {

/// `name`, `org/name`, `org/name@revision`.
struct HubId {
  std::string repository;  ///< "distilgpt2", "org/name"
  std::string revision;    ///< a branch, a tag or a commit; "main" unless said
  bool revision_given = false;
};

/// nullopt where the text cannot be a hub id; an id never contains a way out of the cache's folder.
[[nodiscard]] std::optional<HubId> parse_hub_id(const std::string& text);

/// $HF_HUB_CACHE, $HUGGINGFACE_HUB_CACHE, $HF_HOME/hub, $XDG_CACHE_HOME/huggingface/hub or ~/.cache/huggingface/hub.
/// @throws stac::Error  none of them is set, nor HOME
[[nodiscard]] std::filesystem::path hub_cache_folder();

/// The snapshot of `id` in a cache laid out by huggingface_hub: `models--org--name/refs/<revision>` names a commit, and
/// `snapshots/<commit>` holds it; a revision may also be the commit. A name without its organisation (distilgpt2, gpt2)
/// is found under both. nullopt where the cache has no config.json or no weights of it.
/// @throws stac::Error  a refs file that does not hold a commit
[[nodiscard]] std::optional<std::filesystem::path> find_in_hub_cache(const std::filesystem::path& cache,
                                                                     const HubId& id);

/// The checkpoint folder that `--model NAME` means. `stac-tiny` is always the bundled model; then come a folder of that
/// path, another bundled model, and the Hugging Face cache. Nothing is downloaded.
/// @throws stac::Error  not found: the hint is the command that fetches it
/// @throws stac::UsageError  an empty name
[[nodiscard]] std::filesystem::path resolve_model(const std::string& name);

}  // namespace stac::io
