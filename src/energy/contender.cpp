#include "stac/energy/contender.hpp"

#include <stdexcept>

namespace stac::energy {

std::string part_name(Part part) {
  switch (part) {
    case Part::products:
      return "products";
    case Part::neurons:
      return "neurons";
    case Part::encoding:
      return "encoding";
    case Part::currents:
      return "currents";
    case Part::non_spiking:
      return "non-spiking";
    case Part::weights:
      return "weights";
    case Part::cache:
      return "cache";
    case Part::spikes:
      return "spikes";
    case Part::membranes:
      return "membranes";
    case Part::activations:
      return "activations";
  }
  return "";
}

bool is_memory(Part part) { return part > Part::non_spiking; }

double Contender::of(Part part) const {
  double sum = 0.0;
  for (const Line& line : lines) sum += line.part == part ? line.picojoules : 0.0;
  return sum;
}

double Contender::compute() const {
  double sum = 0.0;
  for (const Part part : kParts) sum += is_memory(part) ? 0.0 : of(part);
  return sum;
}

double Contender::with_memory() const {
  double sum = 0.0;
  for (const Part part : kParts) sum += of(part);
  return sum;
}

snn::SpikeWork site_work(const SpikingRun& run, snn::SiteId where) {
  const snn::SiteCounts& counts = run.ledger.counts(where.layer, where.site);
  if (counts.windows == 0) return {};  // its product was made elsewhere
  const snn::Population& population = run.plan.at(where.layer, where.site);
  const SiteShape shape = site_shape(run.config, where, population, run.texts);
  if (counts.windows != shape.neurons || counts.macs != shape.macs) {
    throw std::logic_error("a ledger of other texts was given with these");
  }
  return spike_work(counts, population, shape);
}

}  // namespace stac::energy
