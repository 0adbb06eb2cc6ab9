// The projection of the Python project of this name (its docs/energy-crossover.md), from our counts.
#pragma once
#include <cstdint>
#include <string>

#include "stac/energy/energy_model.hpp"
#include "stac/snn/ledger.hpp"
#include "stac/snn/plan.hpp"

namespace stac::energy {

///     E_SNN / E_ANN = T (rho f r + 1 - f)
/// with f the share of MACs that spikes drive, rho the spike-driven additions per such MAC and timestep, and
/// r = E(f32 add) / E(f32 multiply and add).
struct ClosedForm {
  int timesteps = 0;         ///< T: of the longest window, where windows differ
  double rate = 0.0;         ///< rho
  double coverage = 0.0;     ///< f
  double adder_ratio = 0.0;  ///< r
  double ratio = 0.0;
  double counted = 0.0;     ///< our own ratio of products, SynOps over dense f32
  std::string explanation;  ///< why the two differ, or that they do not
};

/// @param counted  SynOps over dense f32, of the same ledger and energy model
[[nodiscard]] ClosedForm closed_form(const EnergyModel& model, const snn::Plan& plan, const snn::Ledger& ledger,
                                     double counted, bool int8_weights);

}  // namespace stac::energy
