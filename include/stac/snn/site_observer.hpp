// Watching what reaches the populations of a network while it runs.
#pragma once
#include <cstdint>
#include <memory>

#include "stac/snn/engine.hpp"

namespace stac::snn {

class SiteObserver {
 public:
  virtual ~SiteObserver() = default;
  /// Membranes that a population is about to speak; of queries, one head after the other in a row. The softmax is not
  /// shown: its full scale is 1.
  /// @param membranes  [rows, channels]
  virtual void see(SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) = 0;
};

/// An engine that computes what `engine` does and shows every population's membranes to the observer first, from the
/// thread that called the forward.
/// @param observer  not owned; must outlive what the engine makes
[[nodiscard]] std::unique_ptr<Engine> observed(std::unique_ptr<Engine> engine, SiteObserver& observer);

}  // namespace stac::snn
