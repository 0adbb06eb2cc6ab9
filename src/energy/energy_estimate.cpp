#include "stac/energy/energy_estimate.hpp"

namespace stac::energy {

const char* adder_name(Adder adder) { return adder == Adder::f32 ? "f32" : "int32"; }

EnergyEstimate estimate_energy(const EnergyModel& model, const snn::SiteCounts& counts, Adder adder) {
  EnergyEstimate estimate;
  estimate.model = model.title();
  estimate.adder = adder;
  estimate.macs = counts.macs;
  estimate.additions = counts.additions;
  const double per_mac = model.picojoules("f32_multiply") + model.picojoules("f32_add");
  const double per_addition = model.picojoules(std::string(adder_name(adder)) + "_add");
  estimate.dense_picojoules = static_cast<double>(counts.macs) * per_mac;
  estimate.spiking_picojoules = static_cast<double>(counts.additions) * per_addition;
  if (counts.macs > 0) estimate.ratio = estimate.spiking_picojoules / estimate.dense_picojoules;
  return estimate;
}

}  // namespace stac::energy
