// Neurons that run one window side by side, step by step.
#pragma once
#include <cstdint>
#include <vector>

#include "stac/snn/code.hpp"
#include "stac/snn/spike_work.hpp"

namespace stac::snn {

/// Membrane potentials of one population over one window; made afresh for every window, so that nothing leaks between
/// tokens.
class NeuronPopulation {
 public:
  /// @param membranes  [n], in membrane units
  /// @param scale      membrane units per integer step; 0 keeps the population silent
  NeuronPopulation(const Code& code, const float* membranes, std::int64_t n, float scale);

  /// Advances all neurons by one timestep; on_spike(index, sign) is called for every spike, in index order. Every
  /// update, comparison and reset is counted as it is done.
  template <typename OnSpike>
  void advance(OnSpike on_spike) {
    const double fraction = firing_fraction(code_, t_);
    const std::int64_t weight = spike_weight(code_, t_);
    for (std::size_t j = 0; j < states_.size(); ++j) {
      const NeuronStep now = step(neuron_, states_[j], drive_at(code_, t_, drives_[j]), fraction);
      states_[j] = now.state;
      ++work_.membrane_updates;
      ++work_.comparisons;
      if (now.spike == 0) continue;
      ++work_.resets;
      said_[j] += now.spike * weight;
      on_spike(static_cast<std::int64_t>(j), now.spike);
    }
    ++t_;
  }

  /// Spikes so far, neurons that have not spiked, and neurons that have said all that a window can.
  [[nodiscard]] std::uint64_t spikes() const;
  [[nodiscard]] std::uint64_t silent() const;
  [[nodiscard]] std::uint64_t saturated() const;

  /// The membranes as the next timestep will charge them, before it lets them fire.
  [[nodiscard]] std::vector<double> next_charges() const;
  [[nodiscard]] double potential(std::int64_t j) const { return states_[static_cast<std::size_t>(j)].potential; }
  /// Beyond it the next timestep's membranes fire.
  [[nodiscard]] double next_level() const { return firing_fraction(code_, t_) * neuron_.threshold; }

  /// What the neurons did so far.
  [[nodiscard]] const SpikeWork& work() const { return work_; }

 private:
  Code code_;
  NeuronParameters neuron_;
  std::vector<double> drives_;
  std::vector<NeuronState> states_;
  std::vector<std::int64_t> said_;  // decoded so far
  SpikeWork work_;
  int t_ = 0;
};

}  // namespace stac::snn
