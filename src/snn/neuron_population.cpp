#include "snn/neuron_population.hpp"

#include <algorithm>
#include <numeric>

namespace stac::snn {

NeuronPopulation::NeuronPopulation(const PhaseCode& code, const float* membranes, std::int64_t n, float scale)
    : code_(code), neuron_(phase_neuron(code)), drives_(n), states_(n), counts_(n) {
  if (scale == 0.0F) return;
  std::transform(membranes, membranes + n, drives_.begin(),
                 [scale](float v) { return static_cast<double>(v / scale); });
}

std::uint64_t NeuronPopulation::spikes() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::uint64_t NeuronPopulation::silent() const {
  return static_cast<std::uint64_t>(std::count(counts_.begin(), counts_.end(), 0));
}

}  // namespace stac::snn
