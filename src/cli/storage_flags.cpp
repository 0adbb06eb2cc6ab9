#include "stac/cli/storage_flags.hpp"

#include <nlohmann/json.hpp>

namespace stac::cli {

void StorageFlags::declare(FlagSet& flags) {
  flags.choice("--dtype", dtype, {"f32", "bf16", "f16"},
               "how membranes wait between windows, and keys and values in the cache where --kv-dtype does not say "
               "(default f32)");
  flags.choice("--kv-dtype", kv_dtype, {"f32", "bf16", "f16", "int8"},
               "how keys and values wait in the cache: 4, 2, 2 or 1 bytes a number (default as --dtype)");
}

model::Storage StorageFlags::storage() const {
  const model::MembraneFormat membranes = model::parse_membrane_format(dtype.value_or("f32"));
  return {membranes, kv_dtype ? model::parse_cache_format(*kv_dtype) : model::cache_format_of(membranes)};
}

std::string storage_remark(const model::Storage& storage) {
  return storage == model::Storage{} ? "" : "; storage " + model::storage_name(storage);
}

nlohmann::json storage_json(const model::Storage& storage) {
  return {{"membranes", model::format_name(storage.membranes)}, {"cache", model::format_name(storage.cache)}};
}

}  // namespace stac::cli
