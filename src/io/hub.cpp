#include "stac/io/hub.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "io/printable.hpp"
#include "stac/error.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/io/json_file.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBundled = "stac-tiny";
constexpr std::size_t kLongestPart = 96;  // as huggingface_hub has it

/// Names from before the hub had organisations, and where their repositories moved.
struct Moved {
  const char* name;
  const char* repository;
};
constexpr std::array<Moved, 5> kMoved = {{{"distilgpt2", "distilbert/distilgpt2"},
                                          {"gpt2", "openai-community/gpt2"},
                                          {"gpt2-medium", "openai-community/gpt2-medium"},
                                          {"gpt2-large", "openai-community/gpt2-large"},
                                          {"gpt2-xl", "openai-community/gpt2-xl"}}};

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool is_id_part(std::string_view part) {
  if (part.empty() || part.size() > kLongestPart || !is_word(part.front()) || !is_word(part.back())) return false;
  if (has(part, "--") || has(part, "..")) return false;
  return std::all_of(part.begin(), part.end(), [](char c) { return is_word(c) || c == '-' || c == '.'; });
}

bool is_repository(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_id_part(text);
  return is_id_part(text.substr(0, slash)) && is_id_part(text.substr(slash + 1));
}

/// A git reference or commit: like an id, with any number of slashes.
bool is_revision(std::string_view text) {
  while (true) {
    const std::size_t slash = text.find('/');
    const std::string_view part = text.substr(0, slash);
    if (part.empty() || !is_word(part.front()) || has(part, "..")) return false;
    if (!std::all_of(part.begin(), part.end(), [](char c) { return is_word(c) || c == '-' || c == '.'; })) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::string current_name(const std::string& repository) {
  for (const Moved& moved : kMoved) {
    if (repository == moved.name) return moved.repository;
  }
  return repository;
}

std::vector<std::string> spellings(const std::string& repository) {
  std::vector<std::string> names = {repository};
  for (const Moved& moved : kMoved) {
    if (repository == moved.name) names.emplace_back(moved.repository);
    if (repository == moved.repository) names.emplace_back(moved.name);
  }
  return names;
}

fs::path repository_folder(const fs::path& cache, std::string repository) {
  if (const std::size_t slash = repository.find('/'); slash != std::string::npos) repository.replace(slash, 1, "--");
  return cache / ("models--" + repository);
}

/// The commit that a branch or tag stood at when it was fetched; the revision itself where there is no such ref.
std::string commit_of(const fs::path& repository, const std::string& revision) {
  const fs::path ref = repository / "refs" / revision;
  if (!is_there(ref) || is_folder(ref)) return revision;
  std::string commit = read_text_file(ref, 4096);
  commit.erase(commit.find_last_not_of(" \t\r\n") + 1);
  if (!is_revision(commit) || has(commit, "/")) {
    throw Error(ref.string() + ": does not hold a commit", "remove that file, and fetch the model again");
  }
  return commit;
}

bool has_weights(const fs::path& snapshot) {
  // Pickle weights count here, so that opening them can say why they are refused.
  for (const char* name :
       {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"}) {
    if (is_there(snapshot / name)) return true;
  }
  return false;
}

std::optional<fs::path> find_snapshot(const fs::path& repository, const std::string& revision) {
  if (!is_folder(repository)) return std::nullopt;
  const std::string commit = commit_of(repository, revision);
  if (has(commit, "/")) return std::nullopt;  // a branch that was never fetched
  const fs::path snapshot = repository / "snapshots" / commit;
  if (!is_there(snapshot / "config.json") || !has_weights(snapshot)) return std::nullopt;
  return snapshot;
}

fs::path environment_path(const char* name) {
  const char* value = std::getenv(name);
  const char* home = std::getenv("HOME");
  if (!value || !*value) return {};
  const std::string_view text(value);
  if (home && text.substr(0, 2) == "~/") return fs::path(home) / text.substr(2);
  return text;
}

std::string fetch_command(const HubId& id) {
  const std::string rest =
      " download " + current_name(id.repository) + (id.revision_given ? " --revision " + id.revision : "");
  return "fetch it with `hf" + rest + "` (older installations: `huggingface-cli" + rest +
         "`), or use the bundled model: stac-tiny";
}

bool looks_like_path(const std::string& name) { return has("./~", name.substr(0, 1)) || name.back() == '/'; }

/// A bundled model of that name, which need not exist: then the hub is asked.
std::optional<fs::path> find_bundled(const std::string& name) {
  if (!is_id_part(name)) return std::nullopt;
  for (const fs::path& folder : data_folders()) {
    if (is_there(folder / "models" / name / "config.json")) return folder / "models" / name;
  }
  return std::nullopt;
}

fs::path resolve_hub_id(const std::string& name, const HubId& id) {
  const fs::path cache = hub_cache_folder();
  if (const std::optional<fs::path> snapshot = find_in_hub_cache(cache, id)) return *snapshot;
  throw Error(
      "model " + in_quotes(name) + " is not a folder, not bundled, and not in the Hugging Face cache " + cache.string(),
      fetch_command(id));
}

}  // namespace

std::optional<HubId> parse_hub_id(const std::string& text) {
  HubId id{text, "main", false};
  if (const std::size_t at = text.find('@'); at != std::string::npos) {
    id = {text.substr(0, at), text.substr(at + 1), true};
  }
  if (!is_repository(id.repository) || !is_revision(id.revision)) return std::nullopt;
  return id;
}

fs::path hub_cache_folder() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const fs::path cache = environment_path(name); !cache.empty()) return cache;
  }
  if (const fs::path home = environment_path("HF_HOME"); !home.empty()) return home / "hub";
  if (const fs::path cache = environment_path("XDG_CACHE_HOME"); !cache.empty()) return cache / "huggingface" / "hub";
  const fs::path home = environment_path("HOME");
  if (home.empty()) throw Error("the Hugging Face cache is nowhere: HOME is not set", "set HF_HUB_CACHE or HOME");
  return home / ".cache" / "huggingface" / "hub";
}

std::optional<fs::path> find_in_hub_cache(const fs::path& cache, const HubId& id) {
  for (const std::string& repository : spellings(id.repository)) {
    if (const auto snapshot = find_snapshot(repository_folder(cache, repository), id.revision)) return snapshot;
  }
  return std::nullopt;
}

fs::path resolve_model(const std::string& name) {
  if (name.empty()) throw UsageError("the model's name is empty", "name a folder, a hub id, or stac-tiny");
  if (name == kBundled) return find_data(std::string("models/") + kBundled);
  if (is_folder(name)) return name;
  if (is_there(name)) {
    throw Error(in_quotes(name) + " is a file, not a checkpoint folder",
                "name the folder that holds config.json and model.safetensors");
  }
  if (const std::optional<fs::path> bundled = find_bundled(name)) return *bundled;
  const std::optional<HubId> id = looks_like_path(name) ? std::nullopt : parse_hub_id(name);
  if (!id) {
    throw Error(in_quotes(name) + ": no such folder",
                "check the path; a model of the hub is named `name` or `org/name`, with `@revision` if wanted");
  }
  return resolve_hub_id(name, *id);
}

}  // namespace stac::io
