#include "stac/snn/field_neuron.hpp"

namespace stac::snn {

namespace {

bool rounds_as_v0_14(const FieldNeuron& neuron) {
  if (neuron.release == Release::v0_14_training) return resting_potential(neuron) == 0.0F;
  return neuron.release == Release::v0_14 && !neuron.reset;
}

float charge(const FieldNeuron& neuron, float v, float x) {
  if (!neuron.tau) return v + x;
  const auto tau = static_cast<float>(*neuron.tau);
  const float rest = resting_potential(neuron);
  if (neuron.decay_input) return v + (x - (v - rest)) / tau;
  if (rounds_as_v0_14(neuron)) return v * static_cast<float>(1.0 - 1.0 / *neuron.tau) + x;
  return v - (v - rest) / tau + x;
}

}  // namespace

FieldStep step(const FieldNeuron& neuron, float v, float x) {
  BasicNeuron<float> parameters;
  parameters.threshold = neuron.threshold;
  parameters.firing = Firing::reaching;
  parameters.inhibitory = false;
  parameters.reset_to = neuron.reset;
  return fire(parameters, charge(neuron, v, x), 0, neuron.threshold);
}

}  // namespace stac::snn
