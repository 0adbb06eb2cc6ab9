#include "stac/energy/energy_model.hpp"

#include <cmath>

#include "stac/error.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/io/json_file.hpp"

namespace stac::energy {
namespace {

std::string text_field(const nlohmann::json& object, const std::string& name, const std::string& where) {
  const bool present = object.is_object() && object.contains(name) && object.at(name).is_string();
  if (!present || object.at(name).get<std::string>().empty()) {
    throw Error(where + ": '" + name + "' is missing or not a text", "see configs/energy/horowitz-45nm.json");
  }
  return object.at(name).get<std::string>();
}

OperationEnergy parse_operation(const nlohmann::json& entry, const std::string& where) {
  const bool present = entry.is_object() && entry.contains("energy") && entry.at("energy").is_number();
  const double energy = present ? entry.at("energy").get<double>() : 0.0;
  if (!std::isfinite(energy) || energy <= 0.0) {
    throw Error(where + ": 'energy' is not a number above 0", "give picojoules per operation");
  }
  return {energy, text_field(entry, "source", where)};
}

}  // namespace

double EnergyModel::picojoules(const std::string& operation) const {
  const auto it = operations_.find(operation);
  if (it == operations_.end()) {
    throw Error("energy model '" + name_ + "' has no figure for '" + operation + "'", "add it to the model's file");
  }
  return it->second.picojoules;
}

EnergyModel load_energy_model(const std::filesystem::path& file) {
  const nlohmann::json json = io::read_json_file(file);
  const std::string where = file.string();
  const std::string name = text_field(json, "name", where);
  const std::string title = text_field(json, "title", where);
  if (text_field(json, "unit", where) != "pJ") throw Error(where + ": 'unit' is not pJ", "give every energy in pJ");
  if (!json.contains("operations") || !json.at("operations").is_object()) {
    throw Error(where + ": 'operations' is missing or not an object", "see configs/energy/horowitz-45nm.json");
  }
  std::map<std::string, OperationEnergy> operations;
  for (const auto& [operation, entry] : json.at("operations").items()) {
    operations[operation] = parse_operation(entry, where + ", operation '" + operation + "'");
  }
  return {name, title, std::move(operations)};
}

EnergyModel find_energy_model(const std::string& name) {
  const bool is_file = name.find('/') != std::string::npos || name.ends_with(".json");
  return load_energy_model(is_file ? std::filesystem::path(name) : io::find_data("configs/energy/" + name + ".json"));
}

}  // namespace stac::energy
