// Spike codes: how one window of T ternary spikes says a number.
//
// Units: one integer step. Every spike of a window weighs a whole number of them, so that a window decodes to an
// integer and products with codes are exact. Equations, sources and proofs: docs/theory.md, "Codes".
#pragma once
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stac/snn/neuron.hpp"

namespace stac::snn {

enum class CodeKind {
  phase,  ///< a spike's weight shrinks by `base` from step to step; driven once, the membrane is amplified
  rate,   ///< every spike weighs the same (IF); driven at every step
  lif     ///< the same through a leak of time constant tau, decoded with the kernel that matches the leak
};

/// What a window may contain.
enum class Polarity {
  both,       ///< excitatory and inhibitory spikes
  excitatory  ///< unsigned: negative membranes stay silent. Phase of base 2 only; other codes need none (theory.md)
};

/// What a spike leaves in the membrane.
enum class Reset {
  soft,  ///< v - s theta: nothing is lost
  hard   ///< 0: what lay above the threshold is lost. Rate and lif only
};

/// How one window speaks a number.
struct Code {
  int timesteps = 8;  ///< T, 1..64
  int base = 2;       ///< of phase: 2, fewest spikes; 3 (balanced ternary), fewest timesteps
  CodeKind kind = CodeKind::phase;
  double tau = 2.0;        ///< of lif, > 1: lambda = 1 - 1/tau
  int spike_budget = 0;    ///< spikes of a window at most; 0: as many as it has steps
  double dead_zone = 0.0;  ///< membranes up to this share of full scale stay silent, [0, 1)
  double headroom = 1.0;   ///< full scale over the largest magnitude that is expected, > 0
  Polarity polarity = Polarity::both;
  Reset reset = Reset::soft;

  friend auto operator<=>(const Code&, const Code&) = default;
};

/// One window of one neuron: T values in {-1, 0, +1}.
using SpikeTrain = std::vector<std::int8_t>;

/// What a window says, and with how many spikes.
struct Spoken {
  std::int64_t value = 0;
  int spikes = 0;
};

/// @throws stac::UsageError  a field outside its range, or one that this kind of code does not have, named
void require_valid(const Code& code);

/// Steps that can still say something: f32 membranes resolve 24 bits, so later steps of phase codes (base 2: T > 24,
/// base 3: T > 15) are silent.
[[nodiscard]] int speaking_timesteps(const Code& code);

/// Weight of a spike at step t, in integer steps. Phase: base^(T-1-t), 0 for a silent step. Rate: 1. Lif:
/// round(2^12 lambda^(T-1-t)), which gives a constant drive back (v_T = sum_t lambda^(T-1-t) (drive - theta s_t)).
[[nodiscard]] std::int64_t spike_weight(const Code& code, int t);

/// N, what a window of T excitatory spikes says: phase (base^T - 1) / (base - 1), rate T.
[[nodiscard]] std::int64_t full_scale(const Code& code);

/// c_t: phase of base 2, r = T-1-t steps to go: (floor(2^(r+1) / 3) + 1/2) / 2^r; excitatory spikes only, and hard
/// reset: 1; every other code: 1/2.
[[nodiscard]] double firing_fraction(const Code& code, int t);

/// The neuron that speaks this code, for drives in integer steps.
[[nodiscard]] NeuronParameters neuron_of(const Code& code);

/// What reaches the neuron at step t: a phase neuron is driven at t = 0, the others at every step.
[[nodiscard]] constexpr double drive_at(const Code& code, int t, double drive) {
  return code.kind == CodeKind::phase && t > 0 ? 0.0 : drive;
}

/// Whether a window says the integer nearest to its membrane (budget and dead zone aside), so that its spikes are a
/// function of that integer. Not so under a leak, or where resets lose charge.
[[nodiscard]] bool says_nearest_integer(const Code& code);

/// Runs the neuron for one window. Exact in f64 for every f32 drive but for lif, whose leak rounds.
/// @param drive  membrane in integer steps; beyond +-N it saturates
[[nodiscard]] SpikeTrain simulate_window(const Code& code, float drive);

/// The same, decoded and counted.
[[nodiscard]] Spoken speak(const Code& code, float drive);

/// A code whose neuron and weights are worked out once, for those who run many windows.
class PreparedCode {
 public:
  explicit PreparedCode(const Code& code);

  /// speak() of the code.
  [[nodiscard]] Spoken speak(float drive) const;

  /// Runs one window. @param on_spike  called with step and sign of every spike
  template <typename OnSpike>
  void run(float drive, OnSpike on_spike) const {
    NeuronState state = initial_state(neuron_);
    for (int t = 0; t < static_cast<int>(steps_.size()); ++t) {
      const NeuronStep now = step(neuron_, state, drive_at(code_, t, drive), steps_[t].firing_fraction);
      if (now.spike != 0) on_spike(t, now.spike);
      state = now.state;
    }
  }

 private:
  struct Step {
    double firing_fraction;
    std::int64_t spike_weight;
  };

  Code code_;
  NeuronParameters neuron_;
  std::vector<Step> steps_;  ///< those that can speak
};

/// What a window says of a membrane at full scale: N, or less where a spike budget or the code's last bits end it.
[[nodiscard]] std::int64_t largest_said(const Code& code);

/// sum_t spike_weight(t) s_t
[[nodiscard]] std::int64_t decode(const Code& code, std::span<const std::int8_t> train);

/// "phase code, base 2, T = 8", with what departs from the defaults: "..., at most 2 spikes, headroom 1.5".
[[nodiscard]] std::string code_text(const Code& code);

/// "soft", "hard".
[[nodiscard]] std::string_view reset_name(Reset reset);
/// @throws stac::UsageError  another name
[[nodiscard]] Reset parse_reset(std::string_view name);

/// "phase", "rate", "lif".
[[nodiscard]] std::string_view code_kind_name(CodeKind kind);
/// @throws stac::UsageError  another name
[[nodiscard]] CodeKind parse_code_kind(std::string_view name);

/// Membrane units per integer step: `headroom` times this magnitude sits at full scale. 0 (the window stays silent) if
/// the magnitude is 0 or too small for a normal f32 step.
[[nodiscard]] float scale_for(const Code& code, float largest_magnitude);

}  // namespace stac::snn
