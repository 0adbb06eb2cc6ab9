// The operations of spiking neurons, derived from the counts of a ledger: what the temporal engine counts one by one
// (snn/spike_work.hpp), as closed forms of what the fused engine counts.
#pragma once
#include "stac/energy/site_shape.hpp"
#include "stac/snn/ledger.hpp"
#include "stac/snn/spike_work.hpp"

namespace stac::energy {

/// With T the timesteps in which the code can speak:
///     membrane updates, comparisons   T per neuron          weighings   T per target and group
///     resets                          the spikes            read-outs   1 per target
///     weights read                    a neuron's fan-out, unless it stayed silent
///     trials                          gains_tried (snn/population.hpp) per neuron
///     maxima, scalings                1 per neuron under adaptive thresholds, none under static ones, which a neuron's
///                                     threshold holds
/// @param counts  of the site, of the same texts as the shape
[[nodiscard]] snn::SpikeWork spike_work(const snn::SiteCounts& counts, const snn::Population& population,
                                        const SiteShape& shape);

}  // namespace stac::energy
