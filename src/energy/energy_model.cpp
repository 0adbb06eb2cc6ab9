#include "stac/energy/energy_model.hpp"

#include <algorithm>

#include "energy/model_file.hpp"
#include "stac/error.hpp"
#include "stac/io/data_paths.hpp"

namespace stac::energy {

double EnergyModel::picojoules(const std::string& operation) const {
  const auto it = operations_.find(operation);
  if (it == operations_.end()) {
    throw Error("energy model '" + name_ + "' has no figure for '" + operation + "'", "add it to the model's file");
  }
  return it->second.picojoules;
}

const MemoryLevel& EnergyModel::memory_for(std::uint64_t bytes) const {
  const auto holds = [bytes](const MemoryLevel& level) { return level.bytes == 0 || level.bytes >= bytes; };
  const auto it = std::find_if(memory_.begin(), memory_.end(), holds);
  if (it == memory_.end()) {
    throw Error("energy model '" + name_ + "' has no memory that holds " + std::to_string(bytes) + " bytes",
                "add a level without 'bytes' behind the others of its 'memory'");
  }
  return *it;
}

EnergyModel load_energy_model(const std::filesystem::path& file) {
  const ModelFile own = read_model_file(file);
  ModelFile whole = own;
  if (!own.base.empty()) {
    const ModelFile base = read_model_file(model_path(own.base));
    if (!base.base.empty()) {
      throw Error(file.string() + ": its base '" + own.base + "' has a base itself", "name that one, or copy figures");
    }
    whole.operations.insert(base.operations.begin(), base.operations.end());
    if (whole.memory.empty()) whole.memory = base.memory;
    for (auto& [name, operation] : whole.operations) {
      if (!own.operations.contains(name)) operation.source += " (of " + base.title + ")";
    }
  }
  return {own.name, own.title, resolved(whole), whole.memory};
}

std::vector<std::string> energy_model_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(io::find_data("configs/energy"))) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

EnergyModel find_energy_model(const std::string& name) { return load_energy_model(model_path(name)); }

}  // namespace stac::energy
