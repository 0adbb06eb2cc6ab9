// What neurons and the currents that they drive take, operation by operation. The temporal engine counts it one by one
// as it does it; energy/spike_work.hpp derives the same numbers from a ledger.
#pragma once
#include <cstdint>

namespace stac::snn {

/// Of one site.
struct SpikeWork {
  std::uint64_t additions = 0;         ///< of a weight, a cached key or value to a current: SynOps
  std::uint64_t membrane_updates = 0;  ///< v <- lambda v + drive: every neuron, every timestep
  std::uint64_t comparisons = 0;       ///< of a membrane with its firing level: every neuron, every timestep
  std::uint64_t resets = 0;            ///< one per spike
  std::uint64_t maxima = 0;    ///< membranes among which a row's or group's largest is sought; adaptive thresholds
  std::uint64_t gains = 0;     ///< scales that follow from them: one per row and group
  std::uint64_t trials = 0;    ///< membranes said, and what is left of them squared, under a gain that is tried
  std::uint64_t scalings = 0;  ///< membranes measured in units of such a scale
  std::uint64_t profile_scalings = 0;  ///< membranes measured in units of their theta_j
  std::uint64_t weighings = 0;  ///< of a timestep's current by the weight of its spikes: every target, step and group
  std::uint64_t group_scalings = 0;  ///< of a group's current by its gain, where there are several groups
  std::uint64_t read_outs = 0;       ///< integer current -> membrane: one per target
  std::uint64_t weights_read = 0;    ///< weights, keys, values of inputs that spike, once a window

  SpikeWork& operator+=(const SpikeWork& other);
  friend bool operator==(const SpikeWork&, const SpikeWork&) = default;
};

}  // namespace stac::snn
