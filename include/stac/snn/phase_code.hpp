// Phase code: a value becomes T ternary spikes whose weights shrink by a factor `base` from step to step.
//
// Units: one integer step, the smallest value that a window can say. In them the first spike weighs base^(T-1), the
// last 1, and a window decodes to an integer. Equations and proof of minimality: docs/theory.md, "Phase code".
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "stac/snn/neuron.hpp"

namespace stac::snn {

/// How one window of T timesteps speaks a number.
struct PhaseCode {
  int timesteps = 8;  ///< T, 1..64
  int base = 2;       ///< 2: fewest spikes; 3 (balanced ternary): fewest timesteps

  friend bool operator==(const PhaseCode&, const PhaseCode&) = default;
};

/// One window of one neuron: T values in {-1, 0, +1}.
using SpikeTrain = std::vector<std::int8_t>;

/// @throws stac::UsageError  T outside 1..64, or a base that is neither 2 nor 3
void require_valid(const PhaseCode& code);

/// Steps that can still say something: f32 membranes resolve 24 bits, so later steps (base 2: T > 24, base 3: T > 15)
/// are silent.
[[nodiscard]] int speaking_timesteps(const PhaseCode& code);

/// N, the largest integer that a window can say: (base^T - 1) / (base - 1) for base 2, (3^T - 1) / 2 for base 3.
[[nodiscard]] std::int64_t full_scale(const PhaseCode& code);

/// Weight of a spike at step t, in integer steps: base^(T-1-t); 0 for a silent step.
[[nodiscard]] std::int64_t spike_weight(const PhaseCode& code, int t);

/// c_t: base 2, r = T-1-t steps to go: (floor(2^(r+1) / 3) + 1/2) / 2^r; base 3: 1/2.
[[nodiscard]] double firing_fraction(const PhaseCode& code, int t);

/// The neuron that speaks this code: it amplifies by `base` a step, its threshold is the first spike's weight.
[[nodiscard]] NeuronParameters phase_neuron(const PhaseCode& code);

/// Runs the neuron for one window, driven once at t = 0. Exact in f64 for every f32 drive.
/// @param drive  membrane in integer steps; beyond +-N it saturates
[[nodiscard]] SpikeTrain simulate_window(const PhaseCode& code, float drive);

/// sum_t spike_weight(t) s_t
[[nodiscard]] std::int64_t decode(const PhaseCode& code, std::span<const std::int8_t> train);

/// Membrane units per integer step under an adaptive threshold: the largest magnitude of the population sits at full
/// scale. 0 (the window stays silent) if the population is silent or its largest magnitude is too small for a normal
/// f32 step.
[[nodiscard]] float adaptive_scale(const PhaseCode& code, float largest_magnitude);

}  // namespace stac::snn
