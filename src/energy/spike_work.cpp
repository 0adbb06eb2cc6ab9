#include "stac/energy/spike_work.hpp"

namespace stac::energy {
snn::SpikeWork spike_work(const snn::SiteCounts& counts, const snn::Population& population, const SiteShape& shape) {
  const auto timesteps = static_cast<std::uint64_t>(snn::speaking_timesteps(population.code));
  const bool adaptive = population.full_scale.empty();
  snn::SpikeWork work;
  work.additions = counts.additions;
  work.membrane_updates = timesteps * counts.windows;
  work.comparisons = work.membrane_updates;
  work.resets = counts.spikes;
  if (adaptive) {
    work.maxima = counts.windows;
    work.gains = shape.groups;
    work.scalings = counts.windows;
    work.trials = counts.windows * static_cast<std::uint64_t>(snn::gains_tried(population));
  }
  if (!population.profile.empty()) work.profile_scalings = counts.windows;
  work.weighings = timesteps * shape.targets_of_groups;
  work.group_scalings = shape.targets_of_several;
  work.read_outs = shape.targets;
  work.weights_read = counts.macs - counts.silent_macs;
  return work;
}

}  // namespace stac::energy
