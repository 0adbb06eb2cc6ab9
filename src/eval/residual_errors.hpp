// How far spikes carry the residual stream away, layer by layer.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "stac/convert/conversion_quality.hpp"
#include "stac/model/residual_observer.hpp"

namespace stac::eval {

/// Three networks read one window after the other, in this order: the source, the network without spikes, the spiking
/// one, whose layers are then compared with what the others left.
class ResidualErrors {
 public:
  explicit ResidualErrors(std::int64_t layers) : source_(layers), spikeless_(layers), sums_(layers) {}

  [[nodiscard]] model::ResidualObserver of_source();
  [[nodiscard]] model::ResidualObserver of_spikeless();
  [[nodiscard]] model::ResidualObserver of_spiking();

  /// Over everything read so far.
  [[nodiscard]] std::vector<convert::LayerError> result() const;

 private:
  using Stream = std::vector<float>;

  struct Error {
    double squares = 0.0;  ///< of the difference
    double whole = 0.0;    ///< of what it is from

    void add(std::span<const float> stream, const Stream& from);
    [[nodiscard]] double share() const { return whole > 0.0 ? squares / whole : 0.0; }
  };
  struct Sums {
    Error of_spikes, in_all;
  };

  std::vector<Stream> source_, spikeless_;  // [layers], of the window being read
  std::vector<Sums> sums_;
};

}  // namespace stac::eval
