// Which folder a user means by --model: a path, a bundled model, or a model of the Hugging Face hub.
#pragma once
#include <filesystem>
#include <string>

#include "stac/io/hub_access.hpp"
#include "stac/io/hub_download.hpp"

namespace stac::io {

/// The checkpoint folder that `--model NAME` means. `stac-tiny` is always the bundled model; then come a folder of that
/// path, another bundled model, and the Hugging Face cache, by a short name (model_names.hpp) or a hub id. Nothing is
/// downloaded.
/// @throws stac::Error  not found: the hint is the command that fetches it
/// @throws stac::UsageError  an empty name
[[nodiscard]] std::filesystem::path resolve_model(const std::string& name);

/// The same, and what the cache does not have, or has without a tokenizer, is downloaded, unless `access` is offline.
/// What it has is used as it is: the hub is not asked whether a branch has moved.
/// @throws stac::Error  as resolve_model and download_model
[[nodiscard]] std::filesystem::path fetch_model(const std::string& name, const HubAccess& access,
                                                const DownloadWatcher& watcher = {});

/// The same with what the environment says, which is read only where the hub is meant.
[[nodiscard]] std::filesystem::path fetch_model(const std::string& name, const DownloadWatcher& watcher = {});

/// "NAME@REVISION", for `--model NAME --revision REVISION`.
/// @throws stac::UsageError  NAME is a folder or a bundled model, names a revision itself, or REVISION cannot be one
[[nodiscard]] std::string with_revision(const std::string& name, const std::string& revision);

}  // namespace stac::io
