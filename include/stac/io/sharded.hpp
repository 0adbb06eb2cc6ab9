// A checkpoint in several safetensors files, listed by `model.safetensors.index.json`.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "stac/io/tensor_store.hpp"

namespace stac::io {

/// The files that an index names, sorted, each once. @throws stac::Error as ShardedStore::open, for the index alone
[[nodiscard]] std::vector<std::string> shard_names(const std::filesystem::path& index);

/// Opens every shard that the index names.
///
/// `weight_map` maps tensors to files. A file is a relative path without `..`, so it never leaves the index's folder;
/// the entry itself may be a symbolic link, as in the Hugging Face cache. Each shard must hold exactly the tensors
/// that the map gives it.
class ShardedStore final : public TensorStore {
 public:
  /// @throws stac::Error naming the index or the shard, the tensor and the rule; a missing shard by its name
  static std::shared_ptr<const ShardedStore> open(const std::filesystem::path& index);

  [[nodiscard]] std::vector<std::string> names() const override;
  [[nodiscard]] bool contains(const std::string& name) const override;
  [[nodiscard]] TensorView tensor(const std::string& name) const override;
  [[nodiscard]] std::filesystem::path file_of(const std::string& name) const override;

  /// The shards, sorted by name.
  [[nodiscard]] std::vector<std::filesystem::path> files() const;

  ~ShardedStore() override;
  ShardedStore(const ShardedStore&) = delete;
  ShardedStore& operator=(const ShardedStore&) = delete;

 private:
  struct Contents;
  explicit ShardedStore(std::unique_ptr<Contents> contents);
  std::unique_ptr<Contents> contents_;
};

}  // namespace stac::io
