// What operations cost on a technology: data with a source for every figure, read from configs/energy.
#pragma once
#include <filesystem>
#include <map>
#include <string>

namespace stac::energy {

struct OperationEnergy {
  double picojoules = 0.0;
  std::string source;
};

class EnergyModel {
 public:
  /// @param operations  by name: "<type>_add", "<type>_multiply", type one of int8, int16, int32, f16, f32
  EnergyModel(std::string name, std::string title, std::map<std::string, OperationEnergy> operations)
      : name_(std::move(name)), title_(std::move(title)), operations_(std::move(operations)) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& title() const { return title_; }
  [[nodiscard]] const std::map<std::string, OperationEnergy>& operations() const { return operations_; }

  /// @throws stac::Error  the model has no figure for the operation
  [[nodiscard]] double picojoules(const std::string& operation) const;

 private:
  std::string name_, title_;
  std::map<std::string, OperationEnergy> operations_;
};

/// @throws stac::Error naming file and field: missing, of the wrong type, an energy that is not above 0, a figure
///         without its source, a unit other than pJ
[[nodiscard]] EnergyModel load_energy_model(const std::filesystem::path& file);

/// Of configs/energy by its name, or a file: whatever has a slash or ends in .json.
/// @throws stac::Error  as load_energy_model; no such model
[[nodiscard]] EnergyModel find_energy_model(const std::string& name);

}  // namespace stac::energy
