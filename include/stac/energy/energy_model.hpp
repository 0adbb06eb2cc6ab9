// What operations and memory accesses cost on a technology: data with a source for every figure, read from
// configs/energy. docs/energy.md describes the files.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace stac::energy {

struct OperationEnergy {
  double picojoules = 0.0;  ///< 0 only of what another operation's figure includes
  std::string source;
};

/// A memory that holds at most `bytes`.
struct MemoryLevel {
  std::string name;         ///< "SRAM 32 KB"
  std::uint64_t bytes = 0;  ///< 0: it holds anything
  double picojoules_per_byte = 0.0;
  std::string source;
};

class EnergyModel {
 public:
  using Operations = std::map<std::string, OperationEnergy>;

  /// @param operations  by name: "<type>_add", "<type>_multiply", type one of int8, int32, bf16, f16, f32;
  /// "int32_shift",
  ///                    "f32_exp", ...; of a neuromorphic chip "synaptic_operation", "neuron_update_active", ...
  /// @param memory      smallest first
  EnergyModel(std::string name, std::string title, Operations operations, std::vector<MemoryLevel> memory = {})
      : name_(std::move(name)),
        title_(std::move(title)),
        operations_(std::move(operations)),
        memory_(std::move(memory)) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& title() const { return title_; }
  [[nodiscard]] const Operations& operations() const { return operations_; }
  [[nodiscard]] bool has(const std::string& operation) const { return operations_.contains(operation); }
  /// Whether a synaptic operation has one price, in which the chip's own memory is.
  [[nodiscard]] bool is_neuromorphic() const { return has("synaptic_operation"); }

  /// @throws stac::Error  the model has no figure for the operation
  [[nodiscard]] double picojoules(const std::string& operation) const;

  /// The smallest memory that holds so much. @throws stac::Error  the model has none
  [[nodiscard]] const MemoryLevel& memory_for(std::uint64_t bytes) const;

 private:
  std::string name_, title_;
  Operations operations_;
  std::vector<MemoryLevel> memory_;
};

/// Figures that a model lacks come from the model that it names as its base.
/// @throws stac::Error naming file and field: missing, of the wrong type, an energy that is not above 0, a figure
///         without its source, one made of itself or of unknown ones, memories out of order, a unit other than pJ
[[nodiscard]] EnergyModel load_energy_model(const std::filesystem::path& file);

/// Of configs/energy by its name, or a file: whatever has a slash or ends in .json.
/// @throws stac::Error  as load_energy_model; no such model, with the names of those that there are
[[nodiscard]] EnergyModel find_energy_model(const std::string& name);

/// The names that find_energy_model knows, sorted.
[[nodiscard]] std::vector<std::string> energy_model_names();

}  // namespace stac::energy
