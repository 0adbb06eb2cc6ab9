// Watching what reaches the populations of a network while it runs.
#pragma once
#include <cstdint>
#include <memory>

#include "stac/snn/engine.hpp"

namespace stac::snn {

class SiteObserver {
 public:
  virtual ~SiteObserver() = default;
  /// Membranes that a population is about to speak; of queries, one head after the other in a row. The softmax is shown
  /// only to those who want it: its full scale is 1.
  /// @param membranes  [rows, channels]
  virtual void see(SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) = 0;

  /// Whether see() is called for softmax rows, too: exp(score - max) of the queries and keys as they came, in f32, one
  /// query head at a time. They are computed for the observer alone.
  [[nodiscard]] virtual bool wants_softmax() const { return false; }
};

/// An engine that computes what `engine` does and shows every population's membranes to the observer first, from the
/// thread that called the forward.
/// @param observer  not owned; must outlive what the engine makes
[[nodiscard]] std::unique_ptr<Engine> observed(std::unique_ptr<Engine> engine, SiteObserver& observer);

}  // namespace stac::snn
