// Every spike of a text, and the membranes of one site, as the temporal engine runs it.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "stac/convert/opened_model.hpp"
#include "stac/snn/temporal_probe.hpp"

namespace stac::eval {

/// One row of columns per group of neurons that spoke a window, silent or not. Spikes of the same window say
/// scale * (sum of sign * snn::spike_weight) * theta_j of their neuron's membrane.
struct GainTable {
  std::vector<std::int32_t> layer;  ///< the head stands under the number of layers
  std::vector<std::uint8_t> site;   ///< index into snn::kSites
  std::vector<std::int32_t> head;   ///< of queries and softmax weights; else 0
  std::vector<std::int32_t> token;
  std::vector<std::int32_t> first;  ///< neuron of the group
  std::vector<std::int32_t> count;  ///< of its neurons
  std::vector<float> scale;         ///< membrane units over theta_j per integer step; 0: all stay silent

  [[nodiscard]] std::size_t size() const { return scale.size(); }
};

/// One row of columns per spike, in the order in which they were fired.
struct SpikeTable {
  std::vector<std::int32_t> layer;  ///< the head stands under the number of layers
  std::vector<std::uint8_t> site;   ///< index into snn::kSites
  std::vector<std::int32_t> head;   ///< of queries and softmax weights; else 0
  std::vector<std::int32_t> token;
  std::vector<std::uint8_t> timestep;
  std::vector<std::int32_t> neuron;
  std::vector<std::int8_t> sign;
  std::vector<std::int32_t> gain;  ///< row of the GainTable

  [[nodiscard]] std::size_t size() const { return sign.size(); }
};

/// A membrane behind one timestep, in integer steps of the code (snn::TemporalProbe).
struct MembraneStep {
  std::int64_t token = 0, neuron = 0;
  int timestep = 0;
  double before = 0.0, after = 0.0, level = 0.0;
};

/// A population whose membranes are recorded too.
struct WatchedSite {
  snn::SiteId where;
  std::int64_t head = 0;  ///< of scores and mix
};

struct SpikeRecording {
  GainTable gains;
  SpikeTable spikes;
  std::vector<MembraneStep> membranes;  ///< of the watched site, token by token, step by step
};

/// Reads the ids with the model's weights and plan on the temporal engine.
/// @throws stac::Error  ids that the model cannot read
[[nodiscard]] SpikeRecording record_spikes(const convert::OpenedModel& model, std::span<const std::int64_t> ids,
                                           const WatchedSite& watched);

}  // namespace stac::eval
