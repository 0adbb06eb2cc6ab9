#include "stac/snn/spike_work.hpp"

namespace stac::snn {

SpikeWork& SpikeWork::operator+=(const SpikeWork& other) {
  additions += other.additions;
  membrane_updates += other.membrane_updates;
  comparisons += other.comparisons;
  resets += other.resets;
  maxima += other.maxima;
  gains += other.gains;
  trials += other.trials;
  scalings += other.scalings;
  profile_scalings += other.profile_scalings;
  weighings += other.weighings;
  group_scalings += other.group_scalings;
  read_outs += other.read_outs;
  weights_read += other.weights_read;
  return *this;
}

}  // namespace stac::snn
