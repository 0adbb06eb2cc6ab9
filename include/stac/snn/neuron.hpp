// One spiking neuron: parameters, state, and a pure step. Every code of the library is this neuron with other
// parameters, and so are the field's IF and LIF neurons (field_neuron.hpp).
#pragma once
#include <limits>
#include <optional>

namespace stac::snn {

/// When a membrane at its firing level fires.
enum class Firing {
  above,    ///< v > level
  reaching  ///< v >= level
};

/// What stays fixed over a window.
template <typename Real>
struct BasicNeuron {
  Real membrane_factor = 1;  ///< lambda: 1 integrates, < 1 leaks, > 1 amplifies (phase codes)
  Real threshold = 1;        ///< theta, in the membrane's units
  Real dead_zone = 0;        ///< a drive of at most this magnitude does not reach the membrane
  int spike_budget = std::numeric_limits<int>::max();  ///< spikes of a window; then the neuron falls silent
  Firing firing = Firing::above;
  bool inhibitory = true;             ///< signed: fires -1 below the negative level
  std::optional<Real> reset_to = {};  ///< the potential after a spike (hard reset); none: v - s theta (soft reset)
  Real initial_charge = 0;            ///< the potential before a window's first step
};

/// What a step hands to the next one.
template <typename Real>
struct BasicState {
  Real potential = 0;  ///< v
  int spikes = 0;      ///< fired so far in this window
};

template <typename Real>
struct BasicStep {
  BasicState<Real> state;
  int spike = 0;  ///< +1 excitatory, -1 inhibitory, 0 none
};

using NeuronParameters = BasicNeuron<double>;
using NeuronState = BasicState<double>;
using NeuronStep = BasicStep<double>;

/// Before a window's first step.
template <typename Real>
[[nodiscard]] constexpr BasicState<Real> initial_state(const BasicNeuron<Real>& neuron) {
  return {neuron.initial_charge, 0};
}

/// The second half of a step: a charged membrane fires or not, and is reset if it did.
///     s = sign(v) if |v| > level, else 0;   v <- v - s theta
/// @param v      charged
/// @param fired  spikes of this window before
template <typename Real>
[[nodiscard]] constexpr BasicStep<Real> fire(const BasicNeuron<Real>& neuron, Real v, int fired, Real level) {
  const auto passes = [&](Real potential) {
    return neuron.firing == Firing::above ? potential > level : potential >= level;
  };
  const int spike = passes(v) ? +1 : neuron.inhibitory && passes(-v) ? -1 : 0;
  if (spike == 0 || fired >= neuron.spike_budget) return {{v, fired}, 0};
  const Real after = neuron.reset_to ? *neuron.reset_to : v - static_cast<Real>(spike) * neuron.threshold;
  return {{after, fired + 1}, spike};
}

/// One timestep:
///     v <- lambda v + drive;   then fire()
///
/// @param firing_fraction  c_t, the part of the threshold that the membrane must pass at this step
[[nodiscard]] constexpr NeuronStep step(const NeuronParameters& neuron, NeuronState state, double drive,
                                        double firing_fraction) {
  const bool reaches = drive > neuron.dead_zone || drive < -neuron.dead_zone;
  const double v = neuron.membrane_factor * state.potential + (reaches ? drive : 0.0);
  return fire(neuron, v, state.spikes, firing_fraction * neuron.threshold);
}

}  // namespace stac::snn
