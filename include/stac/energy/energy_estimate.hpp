// Compute energy of a spiking run against the dense f32 arithmetic that it replaces.
#pragma once
#include <cstdint>
#include <string>

#include "stac/energy/energy_model.hpp"
#include "stac/snn/ledger.hpp"

namespace stac::energy {

/// The adder of the spike-driven sums.
enum class Adder { f32, int32 };

/// SynOps alone: one addition per spike and fan-out. Encoding, norms, softmax, membranes and memory traffic are in
/// neither total, so the ratio compares products with products.
///     dense   = MACs (multiply + add, f32)
///     spiking = additions of projections (add, of their weights' type) + additions of attention (add, f32)
struct EnergyEstimate {
  std::string model;               ///< the energy model's title
  Adder projections = Adder::f32;  ///< int32 where weights are int8; keys and values are never
  std::uint64_t macs = 0;
  std::uint64_t projection_additions = 0;
  std::uint64_t attention_additions = 0;
  double dense_picojoules = 0.0;
  double spiking_picojoules = 0.0;
  double ratio = 0.0;  ///< spiking / dense: below 1 spikes win; 0 where there was nothing to do
};

[[nodiscard]] const char* adder_name(Adder adder);

/// @throws stac::Error  the model lacks a figure
[[nodiscard]] EnergyEstimate estimate_energy(const EnergyModel& model, const snn::Ledger& ledger, Adder projections);

}  // namespace stac::energy
