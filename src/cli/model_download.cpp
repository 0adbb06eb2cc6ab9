#include "stac/cli/model_download.hpp"

#include <functional>
#include <nlohmann/json.hpp>

#include "stac/cli/table.hpp"
#include "stac/io/byte_text.hpp"
#include "stac/io/hub.hpp"
#include "stac/io/hub_cache.hpp"
#include "stac/io/model_names.hpp"

namespace stac::cli {
namespace {

constexpr std::size_t kShortCommit = 12;

std::string plan_text(const io::DownloadPlan& plan) {
  return "downloading " + plan.repository + " (" + plan.revision + ", commit " + plan.commit.substr(0, kShortCommit) +
         ") from " + plan.endpoint + ": " + std::to_string(plan.files) + (plan.files == 1 ? " file, " : " files, ") +
         io::byte_text(plan.bytes) + ", to " + plan.folder.string();
}

/// Runs a download under a bar.
std::filesystem::path watched(const Console& console,
                              const std::function<std::filesystem::path(const io::DownloadWatcher&)>& download) {
  ProgressBar bar = console.progress("asking the hub", ProgressUnit::bytes);
  io::DownloadWatcher watcher;
  watcher.begin = [&](const io::DownloadPlan& plan) {
    bar.finish();
    console.note(plan_text(plan));
  };
  watcher.progress = [&](const std::string& file, std::uint64_t done, std::uint64_t total) {
    bar.update(file.empty() ? "asking the hub" : file, static_cast<std::int64_t>(done),
               static_cast<std::int64_t>(total));
  };
  watcher.warn = [&](const std::string& text) {
    bar.finish();
    console.warn(text);
  };
  return download(watcher);
}

}  // namespace

std::filesystem::path fetch_model(const std::string& name, const std::optional<std::string>& revision,
                                  const Console& console) {
  const std::string full = revision ? io::with_revision(name, *revision) : name;
  return watched(console, [&](const io::DownloadWatcher& watcher) { return io::fetch_model(full, watcher); });
}

std::filesystem::path fetch_anything(const std::string& name, const std::optional<std::string>& revision,
                                     const Console& console) {
  const std::optional<io::HubFile> file = io::parse_hub_file(name);
  if (!file) return fetch_model(name, revision, console);
  return watched(console, [&](const io::DownloadWatcher& watcher) {
    return io::download_file(io::hub_access_from_environment(), *file, watcher);
  });
}

std::string model_names_text() {
  const std::filesystem::path cache = io::hub_cache_folder();
  Table table({{"--model"}, {"repository"}, {"cached"}, {"about"}});
  table.add({"stac-tiny", "", "bundled", "comes with STAC"});
  for (const io::ModelName& known : io::model_names()) {
    const bool cached = io::find_in_hub_cache(cache, io::HubId{known.repository, "main", false}).has_value();
    table.add({known.name, known.repository, cached ? "yes" : "", known.about});
  }
  return table.str();
}

nlohmann::json model_names_json() {
  const std::filesystem::path cache = io::hub_cache_folder();
  nlohmann::json names = nlohmann::json::array();
  for (const io::ModelName& known : io::model_names()) {
    names.push_back({{"name", known.name},
                     {"repository", known.repository},
                     {"about", known.about},
                     {"cached", io::find_in_hub_cache(cache, io::HubId{known.repository, "main", false}).has_value()}});
  }
  return {{"models", names}};
}

}  // namespace stac::cli
