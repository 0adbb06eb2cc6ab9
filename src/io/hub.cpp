#include "stac/io/hub.hpp"

#include <functional>
#include <optional>
#include <system_error>

#include "io/printable.hpp"
#include "stac/error.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/io/hub_cache.hpp"
#include "stac/io/model_names.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBundled = "stac-tiny";

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool looks_like_path(const std::string& name) {
  return name.front() == '.' || name.front() == '/' || name.front() == '~' || name.back() == '/';
}

/// A bundled model of that name, which need not exist: then the hub is asked.
std::optional<fs::path> find_bundled(const std::string& name) {
  if (!parse_hub_id(name) || name.find_first_of("/@") != std::string::npos) return std::nullopt;
  for (const fs::path& folder : data_folders()) {
    if (is_there(folder / "models" / name / "config.json")) return folder / "models" / name;
  }
  return std::nullopt;
}

std::string fetch_command(const HubId& id) {
  const std::string rest =
      " download " + current_repository(id.repository) + (id.revision_given ? " --revision " + id.revision : "");
  return "fetch it with `hf" + rest + "` (older installations: `huggingface-cli" + rest +
         "`), or use the bundled model: stac-tiny";
}

std::string not_found(const std::string& name, const fs::path& cache) {
  return "model " + in_quotes(name) + " is not a folder, not bundled, and not in the Hugging Face cache " +
         cache.string();
}

fs::path find_cached(const std::string& name, const HubId& id, const fs::path& cache) {
  if (const std::optional<fs::path> snapshot = find_in_hub_cache(cache, id)) return *snapshot;
  throw Error(not_found(name, cache), fetch_command(id));
}

bool holds_tokenizer(const fs::path& snapshot) {
  return is_there(snapshot / "tokenizer.json") || is_there(snapshot / "tokenizer.model") ||
         is_there(snapshot / "vocab.json");
}

fs::path find_or_download(const std::string& name, const HubId& id, const HubAccess& access,
                          const DownloadWatcher& watcher) {
  if (access.offline) return find_cached(name, id, access.cache);
  const std::optional<fs::path> snapshot = find_in_hub_cache(access.cache, id);
  if (snapshot && holds_tokenizer(*snapshot)) return *snapshot;
  try {
    return download_model(access, id, watcher);
  } catch (const HubUnreachable& error) {
    if (snapshot) {
      throw Error(snapshot->string() + ": has no tokenizer, and " + error.what(),
                  "set HF_HUB_OFFLINE=1 to use what is there");
    }
    throw Error(not_found(name, access.cache) + "; " + error.what(), fetch_command(id));
  }
}

/// @param ask_hub  finds the folder of a hub id
fs::path resolve(const std::string& name, const std::function<fs::path(const HubId&)>& ask_hub) {
  if (name.empty()) throw UsageError("the model's name is empty", "name a folder, a hub id, or stac-tiny");
  if (name == kBundled) return find_data(std::string("models/") + kBundled);
  if (is_folder(name)) return name;
  if (is_there(name)) {
    throw Error(in_quotes(name) + " is a file, not a checkpoint folder",
                "name the folder that holds config.json and model.safetensors");
  }
  if (const std::optional<fs::path> bundled = find_bundled(name)) return *bundled;
  const std::optional<HubId> id = looks_like_path(name) ? std::nullopt : parse_hub_id(name);
  if (id) return ask_hub(*id);
  throw Error(in_quotes(name) + ": no such folder",
              "check the path; a model of the hub is named `name` or `org/name`, with `@revision` if wanted");
}

}  // namespace

fs::path resolve_model(const std::string& name) {
  return resolve(name, [&](const HubId& id) { return find_cached(name, id, hub_cache_folder()); });
}

fs::path fetch_model(const std::string& name, const HubAccess& access, const DownloadWatcher& watcher) {
  return resolve(name, [&](const HubId& id) { return find_or_download(name, id, access, watcher); });
}

fs::path fetch_model(const std::string& name, const DownloadWatcher& watcher) {
  return resolve(name,
                 [&](const HubId& id) { return find_or_download(name, id, hub_access_from_environment(), watcher); });
}

std::string with_revision(const std::string& name, const std::string& revision) {
  const std::string flag = "--revision " + printable(revision) + ": ";
  const std::optional<HubId> id = parse_hub_id(name);
  if (name == kBundled || is_folder(name) || !id || find_bundled(name)) {
    throw UsageError(flag + in_quotes(name) + " is not a model of the hub, and has no revisions", "leave it out");
  }
  if (id->revision_given)
    throw UsageError(flag + in_quotes(name) + " names a revision already", "leave out one of them");
  const std::string both = name + "@" + revision;
  if (!parse_hub_id(both)) throw UsageError(flag + "cannot be a branch, a tag or a commit");
  return both;
}

}  // namespace stac::io
