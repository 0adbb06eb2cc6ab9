#include "stac/io/model_names.hpp"

#include "stac/error.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/io/hub_id.hpp"
#include "stac/io/json_file.hpp"

namespace stac::io {
namespace {

constexpr JsonLimits kLimits{1U << 20U, 8, 100'000};

ModelName parse_entry(const nlohmann::json& entry, const std::string& where) {
  const auto text = [&](const char* key) {
    if (!entry.is_object() || !entry.contains(key) || !entry[key].is_string()) {
      throw Error(where + ": an entry has no text '" + key + "'", "take the file of the installation again");
    }
    return entry[key].get<std::string>();
  };
  ModelName name{text("name"), text("repository"), text("about")};
  if (!parse_hub_id(name.name) || !parse_hub_id(name.repository)) {
    throw Error(where + ": '" + name.name + "' or '" + name.repository + "' is not a hub id",
                "repair it, or take the file of the installation again");
  }
  return name;
}

}  // namespace

std::vector<ModelName> model_names() {
  const std::filesystem::path file = find_data("configs/models.json");
  const nlohmann::json root = read_json_file(file, kLimits);
  if (!root.is_object() || !root.contains("models") || !root["models"].is_array()) {
    throw Error(file.string() + ": has no array 'models'", "take the file of the installation again");
  }
  std::vector<ModelName> names;
  for (const nlohmann::json& entry : root["models"]) names.push_back(parse_entry(entry, file.string()));
  return names;
}

std::string current_repository(const std::string& name) {
  for (const ModelName& known : model_names()) {
    if (known.name == name) return known.repository;
  }
  return name;
}

std::vector<std::string> spellings(const std::string& repository) {
  std::vector<std::string> all = {repository};
  for (const ModelName& known : model_names()) {
    if (repository == known.name) all.push_back(known.repository);
    if (repository == known.repository) all.push_back(known.name);
  }
  return all;
}

}  // namespace stac::io
