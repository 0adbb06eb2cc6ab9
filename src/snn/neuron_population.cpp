#include "snn/neuron_population.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace stac::snn {

NeuronPopulation::NeuronPopulation(const Code& code, const float* membranes, std::int64_t n, float scale)
    : code_(code), neuron_(neuron_of(code)), drives_(n), states_(n, initial_state(neuron_)), said_(n) {
  if (scale == 0.0F) return;
  std::transform(membranes, membranes + n, drives_.begin(),
                 [scale](float v) { return static_cast<double>(v / scale); });
}

std::uint64_t NeuronPopulation::spikes() const {
  return std::accumulate(states_.begin(), states_.end(), std::uint64_t{0}, [](std::uint64_t sum, const NeuronState& s) {
    return sum + static_cast<std::uint64_t>(s.spikes);
  });
}

std::uint64_t NeuronPopulation::silent() const {
  return static_cast<std::uint64_t>(
      std::count_if(states_.begin(), states_.end(), [](const NeuronState& s) { return s.spikes == 0; }));
}

std::uint64_t NeuronPopulation::saturated() const {
  const std::int64_t largest = largest_said(code_);
  return static_cast<std::uint64_t>(
      std::count_if(said_.begin(), said_.end(), [largest](std::int64_t said) { return std::abs(said) == largest; }));
}

std::vector<double> NeuronPopulation::next_charges() const {
  NeuronParameters mute = neuron_;
  mute.spike_budget = 0;  // it charges and does not fire
  std::vector<double> charges;
  for (std::size_t j = 0; j < states_.size(); ++j) {
    charges.push_back(step(mute, states_[j], drive_at(code_, t_, drives_[j]), 1.0).state.potential);
  }
  return charges;
}

}  // namespace stac::snn
