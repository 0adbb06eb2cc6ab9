// Watching the temporal engine step by step: every gain, spike and membrane, and every operation as it is done.
#pragma once
#include <cstdint>
#include <memory>

#include "stac/snn/engine.hpp"
#include "stac/snn/spike_work.hpp"

namespace stac::snn {

/// One neuron's window.
struct WindowPlace {
  SiteId site;
  std::int64_t row = 0;     ///< token: how many rows the site has run before this one since the probe was made
  std::int64_t head = 0;    ///< of queries and softmax weights; else 0
  std::int64_t neuron = 0;  ///< channel of the row, or of the head's query; of softmax weights the token that it
                            ///< weighs, counted from the first that the query sees
};

class TemporalProbe {
 public:
  virtual ~TemporalProbe() = default;

  /// A group of neurons is about to speak its window. `first` is the place of its first neuron.
  /// @param scale  membrane units over theta_j per integer step; 0: the group stays silent
  virtual void gain(const WindowPlace& first, std::int64_t count, float scale) = 0;

  /// A neuron fired. @param t  0 .. T-1  @param sign  +1 or -1
  virtual void spike(const WindowPlace& where, int t, int sign) = 0;

  /// A membrane behind a timestep. Potentials are in integer steps of the code; the neuron fires at `level`.
  /// @param before  charged, before it fired  @param after  what a spike left
  virtual void membrane(const WindowPlace& where, int t, double before, double after, double level) = 0;

  /// What a run of a site took.
  virtual void work(SiteId site, const SpikeWork& work) = 0;
};

/// An engine that computes what EngineKind::temporal does, one row after the other, and tells it.
/// @param probe  not owned; must outlive what the engine makes
[[nodiscard]] std::unique_ptr<Engine> make_temporal_engine(TemporalProbe& probe);

}  // namespace stac::snn
