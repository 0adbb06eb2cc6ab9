#include "stac/energy/energy_estimate.hpp"

namespace stac::energy {

const char* adder_name(Adder adder) { return adder == Adder::f32 ? "f32" : "int32"; }

EnergyEstimate estimate_energy(const EnergyModel& model, const snn::Ledger& ledger, Adder projections) {
  const auto addition = [&](Adder adder) { return model.picojoules(std::string(adder_name(adder)) + "_add"); };
  EnergyEstimate estimate;
  estimate.model = model.title();
  estimate.projections = projections;
  const snn::SiteCounts total = ledger.total();
  estimate.macs = total.macs;
  estimate.attention_additions = ledger.total(snn::Site::scores).additions + ledger.total(snn::Site::mix).additions;
  estimate.projection_additions = total.additions - estimate.attention_additions;
  const double per_mac = model.picojoules("f32_multiply") + model.picojoules("f32_add");
  estimate.dense_picojoules = static_cast<double>(estimate.macs) * per_mac;
  estimate.spiking_picojoules = static_cast<double>(estimate.projection_additions) * addition(projections) +
                                static_cast<double>(estimate.attention_additions) * addition(Adder::f32);
  if (estimate.macs > 0) estimate.ratio = estimate.spiking_picojoules / estimate.dense_picojoules;
  return estimate;
}

}  // namespace stac::energy
