#include "stac/snn/phase_code.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "stac/error.hpp"

namespace stac::snn {

namespace {

std::int64_t power(std::int64_t base, int exponent) {
  std::int64_t result = 1;
  for (int i = 0; i < exponent; ++i) result *= base;
  return result;
}

}  // namespace

void require_valid(const PhaseCode& code) {
  if (code.timesteps < 1 || code.timesteps > 64) {
    throw UsageError("timesteps: " + std::to_string(code.timesteps) + " is outside 1..64", "choose T between 1 and 64");
  }
  if (code.base != 2 && code.base != 3) {
    throw UsageError("base: " + std::to_string(code.base) + " is neither 2 nor 3",
                     "base 2 needs the fewest spikes, base 3 the fewest timesteps");
  }
}

int speaking_timesteps(const PhaseCode& code) { return std::min(code.timesteps, code.base == 2 ? 24 : 15); }

std::int64_t full_scale(const PhaseCode& code) {
  return (power(code.base, speaking_timesteps(code)) - 1) / (code.base - 1);
}

std::int64_t spike_weight(const PhaseCode& code, int t) {
  const int to_go = speaking_timesteps(code) - 1 - t;
  return to_go < 0 ? 0 : power(code.base, to_go);
}

double firing_fraction(const PhaseCode& code, int t) {
  if (code.base == 3) return 0.5;
  const auto weight = static_cast<double>(spike_weight(code, t));
  const auto shorter = static_cast<double>(2 * spike_weight(code, t) / 3);
  return (shorter + 0.5) / weight;
}

NeuronParameters phase_neuron(const PhaseCode& code) {
  return {static_cast<double>(code.base), static_cast<double>(spike_weight(code, 0))};
}

SpikeTrain simulate_window(const PhaseCode& code, float drive) {
  const NeuronParameters neuron = phase_neuron(code);
  SpikeTrain train(code.timesteps, 0);
  NeuronState state;
  for (int t = 0; t < speaking_timesteps(code); ++t) {
    const NeuronStep now = step(neuron, state, t == 0 ? drive : 0.0, firing_fraction(code, t));
    train[t] = static_cast<std::int8_t>(now.spike);
    state = now.state;
  }
  return train;
}

std::int64_t decode(const PhaseCode& code, std::span<const std::int8_t> train) {
  std::int64_t value = 0;
  for (int t = 0; t < static_cast<int>(train.size()); ++t) value += train[t] * spike_weight(code, t);
  return value;
}

float adaptive_scale(const PhaseCode& code, float largest_magnitude) {
  const float scale = largest_magnitude / static_cast<float>(full_scale(code));
  return scale < std::numeric_limits<float>::min() ? 0.0F : scale;
}

}  // namespace stac::snn
