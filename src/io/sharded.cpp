#include "stac/io/sharded.hpp"

#include <map>
#include <set>
#include <utility>

#include "io/printable.hpp"
#include "io/relative_path.hpp"
#include "stac/error.hpp"
#include "stac/io/json_file.hpp"
#include "stac/io/safetensors.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;

// The index of a model of 100,000 tensors has 10 MB.
constexpr JsonLimits kIndexLimits{std::uint64_t{32} << 20U, 8, 1'000'000};
constexpr const char* kHint = "fetch the checkpoint again: the index and its shards belong together";

using WeightMap = std::map<std::string, std::string>;  // tensor -> shard

WeightMap read_weight_map(const fs::path& index) {
  const nlohmann::json root = read_json_file(index, kIndexLimits);
  const std::string file = index.string();
  if (!root.is_object() || !root.contains("weight_map") || !root["weight_map"].is_object()) {
    throw Error(file + ": has no object 'weight_map'", kHint);
  }
  WeightMap map;
  for (const auto& [tensor, shard] : root["weight_map"].items()) {
    const std::string entry = file + ": weight_map entry of tensor " + in_quotes(tensor);
    if (!shard.is_string()) throw Error(entry + " is not a file name", kHint);
    const auto& name = shard.get_ref<const std::string&>();
    // By its text alone: in the Hugging Face cache a shard is a link that leads out of the folder, rightly.
    if (!stays_inside(name)) {
      throw Error(entry + " leaves the checkpoint's folder: " + in_quotes(name),
                  "do not use this checkpoint: its index names files that are not its own");
    }
    map.emplace(tensor, name);
  }
  if (map.empty()) throw Error(file + ": 'weight_map' is empty", kHint);
  return map;
}

std::shared_ptr<const SafetensorsFile> open_shard(const fs::path& index, const std::string& name) {
  const fs::path path = index.parent_path() / name;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    throw Error(path.string() + ": missing shard, named by " + index.filename().string(),
                "fetch the checkpoint again: the download did not finish");
  }
  return SafetensorsFile::open(path);
}

void check_nothing_unlisted(const fs::path& index, const WeightMap& map, const std::string& shard,
                            const SafetensorsFile& file) {
  for (const std::string& name : file.names()) {
    const auto listed = map.find(name);
    if (listed != map.end() && listed->second == shard) continue;
    throw Error((index.parent_path() / shard).string() + ": holds tensor " + in_quotes(name) + ", which " +
                    index.filename().string() + " does not place there",
                kHint);
  }
}

}  // namespace

std::vector<std::string> shard_names(const fs::path& index) {
  std::set<std::string> names;
  for (const auto& [tensor, shard] : read_weight_map(index)) names.insert(shard);
  return {names.begin(), names.end()};
}

struct ShardedStore::Contents {
  fs::path index;
  WeightMap map;
  std::map<std::string, std::shared_ptr<const SafetensorsFile>> shards;

  [[nodiscard]] const SafetensorsFile& holder(const std::string& name) const {
    const auto entry = map.find(name);
    if (entry == map.end()) throw Error(index.string() + ": has no tensor " + in_quotes(name));
    return *shards.at(entry->second);
  }
};

ShardedStore::ShardedStore(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
ShardedStore::~ShardedStore() = default;

std::shared_ptr<const ShardedStore> ShardedStore::open(const fs::path& index) {
  auto contents = std::make_unique<Contents>();
  contents->index = index;
  contents->map = read_weight_map(index);
  for (const auto& [tensor, shard] : contents->map) {
    auto& file = contents->shards[shard];
    if (!file) file = open_shard(index, shard);
    if (!file->contains(tensor)) {
      throw Error((index.parent_path() / shard).string() + ": has no tensor " + in_quotes(tensor) + ", which " +
                      index.filename().string() + " places there",
                  kHint);
    }
  }
  for (const auto& [shard, file] : contents->shards) check_nothing_unlisted(index, contents->map, shard, *file);
  return std::shared_ptr<const ShardedStore>(new ShardedStore(std::move(contents)));
}

std::vector<std::string> ShardedStore::names() const {
  std::vector<std::string> names;
  names.reserve(contents_->map.size());
  for (const auto& [tensor, shard] : contents_->map) names.push_back(tensor);
  return names;
}

bool ShardedStore::contains(const std::string& name) const { return contents_->map.count(name) != 0; }

TensorView ShardedStore::tensor(const std::string& name) const { return contents_->holder(name).tensor(name); }

fs::path ShardedStore::file_of(const std::string& name) const { return contents_->holder(name).file_of(name); }

std::vector<fs::path> ShardedStore::files() const {
  std::vector<fs::path> files;
  for (const auto& [shard, file] : contents_->shards) files.push_back(file->file_of({}));
  return files;
}

}  // namespace stac::io
