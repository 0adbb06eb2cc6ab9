// Flags that say which model a command works on, and how a checkpoint is converted.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stac/cli/console.hpp"
#include "stac/cli/flag_set.hpp"
#include "stac/cli/storage_flags.hpp"
#include "stac/convert/opened_model.hpp"
#include "stac/convert/retarget.hpp"

namespace stac::cli {

/// The model, its code and thresholds, activation, quantization and calibration: what stac-convert takes, and every
/// other command for a checkpoint that it converts in memory.
struct ConversionFlags {
  std::optional<std::string> model, revision;
  std::optional<std::string> timesteps, code, base, threshold, profile;
  std::optional<double> tau, dead_zone, headroom;
  std::optional<std::int64_t> spike_budget, group;
  std::optional<std::string> activation;
  std::optional<std::string> quantize, rounding, reset;
  bool simplified = false, unsigned_spikes = false;
  std::optional<double> max_ratio;
  std::optional<std::string> minimise, energy_model;
  std::optional<std::filesystem::path> calibration;
  std::optional<std::int64_t> samples, sample_length;
  bool strict = false;

  void declare(FlagSet& flags);
  /// @throws stac::UsageError
  /// @throws stac::Error  no such energy model
  [[nodiscard]] convert::ConversionOptions options() const;
  /// The energy model's name or file.
  [[nodiscard]] std::string prices() const;
  /// For a command that reports no energy. @throws stac::UsageError  prices that change nothing
  void require_priced() const;
  /// Which of the flags that shape the network stand on the command line, without dashes.
  [[nodiscard]] std::vector<std::string> given() const;
  /// @throws stac::UsageError  calibration text for a conversion that uses none
  [[nodiscard]] convert::CalibrationRequest calibration_request(std::int64_t seed) const;
  /// What the flags of the code say of an artifact that is retargeted.
  /// @throws stac::UsageError  a flag that would take data, the checkpoint or other weights, by its name
  [[nodiscard]] convert::CodeChange code_change() const;

 private:
  [[nodiscard]] std::optional<int> whole_timesteps() const;
  void set_timesteps(snn::Code& target) const;
  [[nodiscard]] std::optional<convert::AllocationGoal> goal() const;
  void require_meant_for_code(snn::CodeKind kind) const;
  void refuse_beside_retarget() const;
};

/// The same, --engine, --dtype, --kv-dtype, --dense and --verify.
struct ModelFlags {
  ConversionFlags conversion;
  std::string engine = "fused";
  StorageFlags storage;
  std::optional<std::filesystem::path> dense;
  bool verify = false;

  void declare(FlagSet& flags);
  /// @throws stac::UsageError
  [[nodiscard]] convert::ModelRequest request(std::int64_t seed) const;
  [[nodiscard]] snn::EngineKind engine_kind() const;
};

/// Opens the model with a progress bar; says on stderr which one it is, and its warnings.
/// @param require  as ModelRequest's
[[nodiscard]] convert::OpenedModel open_model(
    const ModelFlags& flags, Console& console,
    const std::function<void(const model::TransformerConfig& config)>& require = {});

}  // namespace stac::cli
