// A folder in Hugging Face format: config.json, weights in safetensors, and whatever else lies there.
#pragma once
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "stac/io/tensor_store.hpp"

namespace stac::io {

struct Checkpoint {
  std::filesystem::path folder;
  std::string name;       ///< for people and default output names: the folder's own name
  nlohmann::json config;  ///< config.json, an object; its fields are checked by model::parse_config
  std::shared_ptr<const TensorStore> tensors;
  std::vector<std::filesystem::path> weight_files;  ///< the safetensors files, and the index where there is one; sorted
};

/// Opens `model.safetensors`, or the shards of `model.safetensors.index.json`.
/// @throws stac::Error naming what is missing or broken; a folder with pickle weights alone (pytorch_model.bin, *.pt,
///         ...) is refused with the reason and the way to convert it
[[nodiscard]] Checkpoint open_checkpoint(const std::filesystem::path& folder);

/// Identity of a checkpoint: SHA-256 over "<sha256>  <file name>\n" of config.json and the weight files, sorted by name
/// (what `sha256sum config.json model.safetensors | sha256sum` prints). Other files and the folder's name do not count.
/// Large files' hashes are remembered (file_fingerprint.hpp).
[[nodiscard]] std::string checkpoint_sha256(const Checkpoint& checkpoint);

}  // namespace stac::io
