// The IF and LIF neurons of the field, in f32 and in the order of operations of SpikingJelly's CPU code, so that spikes
// and membrane potentials are equal step for step. Our compatibility layer across its versions:
//
//   here                     | SpikingJelly 2.0.0 and 0.0.0.0.14      | charge of the membrane, r = reset or 0
//   -------------------------+----------------------------------------+---------------------------------------------
//   tau none                 | IFNode                                 | v + x
//   tau, decay_input         | LIFNode(tau, decay_input=True)         | v + (x - (v - r)) / tau
//   tau, no decay_input      | LIFNode(tau, decay_input=False)        | v - (v - r) / tau + x
//   the same, Release::v0_14 | 0.0.0.0.14, where reset is none        | v (1 - 1 / tau) + x: the same number before
//                            |                                        | rounding, another one after it
//   Release::v0_14_training  | 0.0.0.0.14 after .train(), where reset | the same
//                            | is none or 0                           |
//   threshold                | v_threshold; both fire at v >= theta   |
//   reset                    | v_reset; None is the soft reset        | the first timestep starts from r
//
// Read in activation_based/neuron.py (0.0.0.0.14) and _ops/{if_,lif}/cpu.py, _ops/reset.py (2.0.0); measured by
// scripts/make_spikingjelly_goldens.py, whose files the tests compare with.
#pragma once
#include <optional>

#include "stac/snn/neuron.hpp"

namespace stac::snn {

/// Whose rounding a leak without decayed input has; the releases agree everywhere else.
enum class Release { v2, v0_14, v0_14_training };

/// Unsigned; fires at v >= threshold.
struct FieldNeuron {
  float threshold = 1.0F;
  std::optional<float> reset = 0.0F;  ///< potential after a spike; none: v - threshold
  std::optional<double> tau = {};     ///< leak's time constant in timesteps, > 1; none: no leak
  bool decay_input = true;            ///< whether the input passes through the leak
  Release release = Release::v2;
};

using FieldStep = BasicStep<float>;

/// The membrane potential before the first timestep: the reset potential, as SpikingJelly starts.
[[nodiscard]] inline float resting_potential(const FieldNeuron& neuron) { return neuron.reset.value_or(0.0F); }

/// One timestep of one neuron.
/// @param v  membrane potential before it
/// @param x  input current
[[nodiscard]] FieldStep step(const FieldNeuron& neuron, float v, float x);

}  // namespace stac::snn
