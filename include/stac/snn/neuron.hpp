// One spiking neuron: parameters, state, and a pure step. Every code of the library is this neuron with other
// parameters.
#pragma once

namespace stac::snn {

/// What stays fixed over a window.
struct NeuronParameters {
  double membrane_factor = 1.0;  ///< lambda: 1 integrates, < 1 leaks, > 1 amplifies (phase codes)
  double threshold = 1.0;        ///< theta, in the membrane's units
};

/// What a step hands to the next one.
struct NeuronState {
  double potential = 0.0;  ///< v
};

struct NeuronStep {
  NeuronState state;
  int spike = 0;  ///< +1 excitatory, -1 inhibitory, 0 none
};

/// One timestep, soft reset:
///     v <- lambda v + drive;   s = sign(v) if |v| > fraction theta, else 0;   v <- v - s theta
///
/// @param firing_fraction  c_t, the part of the threshold that the membrane must pass at this step
[[nodiscard]] constexpr NeuronStep step(const NeuronParameters& neuron, NeuronState state, double drive,
                                        double firing_fraction) {
  const double v = neuron.membrane_factor * state.potential + drive;
  const double level = firing_fraction * neuron.threshold;
  if (v > level) return {{v - neuron.threshold}, +1};
  if (v < -level) return {{v + neuron.threshold}, -1};
  return {{v}, 0};
}

}  // namespace stac::snn
