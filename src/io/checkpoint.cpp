#include "stac/io/checkpoint.hpp"

#include <algorithm>
#include <utility>

#include "stac/error.hpp"
#include "stac/io/checkpoint_files.hpp"
#include "stac/io/file_fingerprint.hpp"
#include "stac/io/json_file.hpp"
#include "stac/io/safetensors.hpp"
#include "stac/io/sha256.hpp"
#include "stac/io/sharded.hpp"

namespace stac::io {
namespace {

namespace fs = std::filesystem;

constexpr JsonLimits kConfigLimits{4U << 20U, 32, 500'000};

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// `models--org--name/snapshots/<sha>` is called `name`, every other folder what it is called.
std::string name_of(const fs::path& folder) {
  std::error_code ignored;
  const fs::path resolved = fs::canonical(folder, ignored);
  const std::string repository = resolved.parent_path().parent_path().filename().string();
  if (resolved.parent_path().filename() != "snapshots" || repository.rfind("models--", 0) != 0) {
    return resolved.filename().string();
  }
  return repository.substr(repository.rfind("--") + 2);
}

bool is_pickle(const fs::path& file) {
  const std::string extension = file.extension().string();
  if (extension == ".bin") return file.filename().string().rfind("training_args", 0) != 0;
  return extension == ".pt" || extension == ".pth" || extension == ".pkl" || extension == ".ckpt";
}

std::string find_pickle(const fs::path& folder) {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (is_pickle(entry.path())) found.push_back(entry.path().filename().string());
  }
  return found.empty() ? std::string() : *std::min_element(found.begin(), found.end());
}

[[noreturn]] void refuse_weights(const fs::path& folder) {
  const std::string pickle = find_pickle(folder);
  if (pickle.empty()) {
    throw Error(folder.string() + ": has neither " + kWeightsFile + " nor " + kWeightsIndexFile,
                "name a checkpoint in Hugging Face format, or fetch it again if its download did not finish");
  }
  throw Error(
      (folder / pickle).string() + ": pickle weights are refused: opening a pickle file runs the code inside it",
      "convert it where you trust it: python3 -c \"from transformers import AutoModelForCausalLM as M; "
      "M.from_pretrained('" +
          folder.string() + "').save_pretrained('" + folder.string() +
          "-safetensors', safe_serialization=True)\", copy the tokenizer files beside, and name that folder");
}

nlohmann::json read_config(const fs::path& folder) {
  const fs::path path = folder / kConfigFile;
  if (!is_there(path)) {
    throw Error(path.string() + ": missing", "name a checkpoint in Hugging Face format: config.json and safetensors");
  }
  nlohmann::json config = read_json_file(path, kConfigLimits);
  if (!config.is_object()) throw Error(path.string() + ": is not a JSON object", "fetch the checkpoint again");
  return config;
}

void open_weights(Checkpoint& checkpoint) {
  const fs::path whole = checkpoint.folder / kWeightsFile;
  const fs::path index = checkpoint.folder / kWeightsIndexFile;
  if (is_there(whole)) {
    checkpoint.tensors = SafetensorsFile::open(whole);
    checkpoint.weight_files = {whole};
    return;
  }
  if (!is_there(index)) {
    std::error_code ignored;
    if (fs::is_symlink(whole, ignored)) {
      throw Error(whole.string() + ": is a link to a file that is not there", "fetch the checkpoint again");
    }
    refuse_weights(checkpoint.folder);
  }
  const std::shared_ptr<const ShardedStore> store = ShardedStore::open(index);
  checkpoint.weight_files = store->files();
  checkpoint.weight_files.push_back(index);
  std::sort(checkpoint.weight_files.begin(), checkpoint.weight_files.end());
  checkpoint.tensors = store;
}

}  // namespace

Checkpoint open_checkpoint(const fs::path& folder) {
  std::error_code ignored;
  if (!is_there(folder)) throw Error(folder.string() + ": no such folder", "check the path of the checkpoint");
  if (!fs::is_directory(folder, ignored)) {
    throw Error(folder.string() + ": is not a folder", "name the folder that holds config.json and model.safetensors");
  }
  Checkpoint checkpoint;
  checkpoint.folder = folder;
  checkpoint.name = name_of(folder);
  checkpoint.config = read_config(folder);
  open_weights(checkpoint);
  return checkpoint;
}

std::string checkpoint_sha256(const Checkpoint& checkpoint) {
  std::vector<fs::path> files = checkpoint.weight_files;
  files.push_back(checkpoint.folder / kConfigFile);
  std::vector<std::pair<std::string, fs::path>> by_name;
  for (const fs::path& file : files) by_name.emplace_back(file.lexically_relative(checkpoint.folder).string(), file);
  std::sort(by_name.begin(), by_name.end());
  Sha256 hash;
  for (const auto& [name, file] : by_name) {
    hash.update(verified_sha256(file, HashPolicy::remembered) + "  " + name + "\n");
  }
  return hash.hex();
}

}  // namespace stac::io
