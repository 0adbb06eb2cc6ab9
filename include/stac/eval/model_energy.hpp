// What an opened model's spikes would cost, on the adders that its weights need.
#pragma once
#include "stac/convert/opened_model.hpp"
#include "stac/energy/comparison.hpp"
#include "stac/energy/energy_estimate.hpp"
#include "stac/eval/token_windows.hpp"

namespace stac::eval {

[[nodiscard]] inline bool has_int8_weights(const convert::OpenedModel& model) {
  return model.options().quantize == convert::QuantizeChoice::int8;
}

/// SynOps alone.
/// @param ledger  of the model's spiking network
/// @throws stac::Error  the energy model lacks a figure
[[nodiscard]] inline energy::EnergyEstimate model_energy(const convert::OpenedModel& model,
                                                         const energy::EnergyModel& energies,
                                                         const snn::Ledger& ledger) {
  return energy::estimate_energy(energies, ledger, has_int8_weights(model) ? energy::Adder::int32 : energy::Adder::f32);
}

/// What measure_quality() reads: windows without their last tokens.
[[nodiscard]] energy::TextsRead texts_read(const TokenWindows& text);

}  // namespace stac::eval
