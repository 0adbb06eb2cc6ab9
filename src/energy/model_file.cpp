#include "energy/model_file.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "stac/error.hpp"
#include "stac/io/data_paths.hpp"
#include "stac/io/json_file.hpp"

namespace stac::energy {
namespace {

using nlohmann::json;

constexpr const char* kExample = "see configs/energy/horowitz-45nm.json";

std::string text_field(const json& object, const std::string& name, const std::string& where) {
  const bool present = object.is_object() && object.contains(name) && object.at(name).is_string();
  if (!present || object.at(name).get<std::string>().empty()) {
    throw Error(where + ": '" + name + "' is missing or not a text", kExample);
  }
  return object.at(name).get<std::string>();
}

double positive_field(const json& object, const std::string& name, const std::string& where) {
  const bool present = object.is_object() && object.contains(name) && object.at(name).is_number();
  const double value = present ? object.at(name).get<double>() : 0.0;
  if (!std::isfinite(value) || value <= 0.0) {
    throw Error(where + ": '" + name + "' is not a number above 0", kExample);
  }
  return value;
}

FileOperation parse_operation(const json& entry, const std::string& where) {
  FileOperation operation;
  operation.source = text_field(entry, "source", where);
  if (entry.contains("included_in")) {
    operation.source = "in '" + text_field(entry, "included_in", where) + "': " + operation.source;
    return operation;
  }
  if (!entry.contains("of")) {
    operation.energy = positive_field(entry, "energy", where);
    return operation;
  }
  if (!entry.at("of").is_object() || entry.at("of").empty()) {
    throw Error(where + ": 'of' is not an object of operations and how often each is done", kExample);
  }
  for (const auto& [name, times] : entry.at("of").items()) {
    operation.of[name] = positive_field(entry.at("of"), name, where + ", 'of'");
  }
  return operation;
}

MemoryLevel parse_level(const json& entry, const std::string& where) {
  MemoryLevel level{text_field(entry, "name", where), 0, 0.0, text_field(entry, "source", where)};
  level.picojoules_per_byte = positive_field(entry, "energy", where) / positive_field(entry, "word_bytes", where);
  if (entry.contains("bytes")) level.bytes = static_cast<std::uint64_t>(positive_field(entry, "bytes", where));
  return level;
}

std::vector<MemoryLevel> parse_memory(const json& list, const std::string& where) {
  if (!list.is_array()) throw Error(where + ": 'memory' is not a list", kExample);
  std::vector<MemoryLevel> levels;
  for (const json& entry : list) {
    const std::string here = where + ", memory " + std::to_string(levels.size() + 1);
    levels.push_back(parse_level(entry, here));
    const bool first = levels.size() == 1;
    const MemoryLevel& level = levels.back();
    if (!first && (levels[levels.size() - 2].bytes == 0 ||
                   (level.bytes != 0 && level.bytes <= levels[levels.size() - 2].bytes))) {
      throw Error(here + ": does not hold more than the one before it",
                  "order memories from the smallest to the largest");
    }
  }
  return levels;
}

class Resolver {
 public:
  explicit Resolver(const ModelFile& file) : file_(file) {}

  double picojoules(const std::string& name, const std::string& wanted_by) {
    const auto it = file_.operations.find(name);
    if (it == file_.operations.end()) {
      throw Error(file_.file + ", operation '" + wanted_by + "': is made of '" + name + "', which has no figure",
                  "add it to 'operations'");
    }
    if (it->second.of.empty()) return it->second.energy;
    if (!open_.insert(name).second) {
      throw Error(file_.file + ", operation '" + name + "': is made of itself", "give its energy");
    }
    double sum = 0.0;
    for (const auto& [part, times] : it->second.of) sum += times * picojoules(part, name);
    open_.erase(name);
    return sum;
  }

 private:
  const ModelFile& file_;
  std::set<std::string> open_;
};

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

ModelFile read_model_file(const std::filesystem::path& file) {
  const json object = io::read_json_file(file);
  ModelFile model;
  model.file = file.string();
  model.name = text_field(object, "name", model.file);
  model.title = text_field(object, "title", model.file);
  static_cast<void>(text_field(object, "source", model.file));
  if (object.contains("base")) model.base = text_field(object, "base", model.file);
  if (text_field(object, "unit", model.file) != "pJ") {
    throw Error(model.file + ": 'unit' is not pJ", "give every energy in pJ");
  }
  if (!object.contains("operations") || !object.at("operations").is_object()) {
    throw Error(model.file + ": 'operations' is missing or not an object", kExample);
  }
  for (const auto& [operation, entry] : object.at("operations").items()) {
    model.operations[operation] = parse_operation(entry, model.file + ", operation '" + operation + "'");
  }
  if (object.contains("memory")) model.memory = parse_memory(object.at("memory"), model.file);
  return model;
}

EnergyModel::Operations resolved(const ModelFile& file) {
  EnergyModel::Operations operations;
  Resolver resolver(file);
  for (const auto& [name, operation] : file.operations) {
    operations[name] = {resolver.picojoules(name, name), operation.source};
  }
  return operations;
}

std::filesystem::path model_path(const std::string& name) {
  const bool is_file = name.find('/') != std::string::npos || name.ends_with(".json");
  if (is_file) return name;
  const std::vector<std::string> names = energy_model_names();
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    return io::find_data("configs/energy/" + name + ".json");
  }
  throw Error("there is no energy model '" + name + "'",
              "choose one of " + list_of(names) + ", or give a file (configs/energy has examples)");
}

}  // namespace stac::energy
