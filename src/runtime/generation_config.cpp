#include "stac/runtime/generation_config.hpp"

#include <nlohmann/json.hpp>

#include "stac/error.hpp"
#include "stac/io/json_file.hpp"

namespace stac::runtime {
namespace {

std::int64_t token_id(const nlohmann::json& value, const std::filesystem::path& file) {
  if (value.is_number_integer() && value.get<std::int64_t>() >= 0) return value.get<std::int64_t>();
  throw Error(file.string() + ": eos_token_id holds " + value.dump() + ", which is no token id",
              "it must be a whole number from 0 on, or a list of them");
}

}  // namespace

std::vector<std::int64_t> generation_config_eos_ids(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "generation_config.json";
  if (!std::filesystem::exists(file)) return {};
  const nlohmann::json config = io::read_json_file(file);
  if (!config.is_object()) throw Error(file.string() + " is not a JSON object", "repair or remove it");
  const auto eos = config.find("eos_token_id");
  if (eos == config.end() || eos->is_null()) return {};
  if (!eos->is_array()) return {token_id(*eos, file)};
  std::vector<std::int64_t> ids;
  for (const nlohmann::json& id : *eos) ids.push_back(token_id(id, file));
  return ids;
}

}  // namespace stac::runtime
