// What an opened model's spikes would cost, on the adders that its weights need.
#pragma once
#include "stac/convert/opened_model.hpp"
#include "stac/energy/energy_estimate.hpp"

namespace stac::eval {

/// @param ledger  of the model's spiking network
/// @throws stac::Error  the energy model lacks a figure
[[nodiscard]] inline energy::EnergyEstimate model_energy(const convert::OpenedModel& model,
                                                         const energy::EnergyModel& energies,
                                                         const snn::Ledger& ledger) {
  const bool integers = model.options().quantize == convert::QuantizeChoice::int8;
  return energy::estimate_energy(energies, ledger, integers ? energy::Adder::int32 : energy::Adder::f32);
}

}  // namespace stac::eval
