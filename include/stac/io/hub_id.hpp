// Names of things on the Hugging Face hub.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace stac::io {

/// `name`, `org/name`, `org/name@revision`.
struct HubId {
  std::string repository;  ///< "distilgpt2", "org/name"
  std::string revision;    ///< a branch, a tag or a commit; "main" unless said
  bool revision_given = false;
};

/// nullopt where the text cannot be a hub id; an id never contains a way out of the cache's folder.
[[nodiscard]] std::optional<HubId> parse_hub_id(const std::string& text);

/// One file of a data set.
struct HubFile {
  HubId dataset;
  std::string path;  ///< inside the repository
};

/// `hf://datasets/org/name/path` or `hf://datasets/org/name@revision/path`, as huggingface_hub writes it; nullopt for
/// any other text.
[[nodiscard]] std::optional<HubFile> parse_hub_file(const std::string& text);

/// The 40 hex digits of a git commit.
[[nodiscard]] bool is_commit(std::string_view text);

}  // namespace stac::io
