// --dtype and --kv-dtype: in how many bits numbers wait between two uses.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "stac/cli/flag_set.hpp"
#include "stac/model/storage.hpp"

namespace stac::cli {

struct StorageFlags {
  std::optional<std::string> dtype, kv_dtype;

  void declare(FlagSet& flags);
  [[nodiscard]] bool given() const { return dtype || kv_dtype; }
  /// @throws stac::UsageError  a format that there is not
  [[nodiscard]] model::Storage storage() const;
};

/// "; storage f32, cache int8"; empty where everything is kept whole.
[[nodiscard]] std::string storage_remark(const model::Storage& storage);

/// {membranes, cache}: the names of their formats
[[nodiscard]] nlohmann::json storage_json(const model::Storage& storage);

}  // namespace stac::cli
