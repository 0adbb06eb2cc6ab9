// Spikes against every baseline, on the same model and the same text.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "stac/energy/closed_form.hpp"
#include "stac/energy/contender.hpp"

namespace stac::energy {

struct Comparison {
  EnergyModel model;
  Contender spikes;
  std::vector<Contender> baselines;  ///< those that the energy model has figures for, dense f32 first
  ClosedForm python;
  std::uint64_t tokens = 0;  ///< that were read
};

/// @param kept  of int8 with zero-skipping; none: that baseline is left out
/// @throws stac::Error  the energy model lacks a figure for spikes or for dense f32
[[nodiscard]] Comparison compare(const EnergyModel& model, const SpikingRun& run, const std::optional<KeptMacs>& kept);

/// Spikes over a baseline; below 1 spikes win.
struct Ratios {
  double products = 0.0;     ///< SynOps over its products
  double compute = 0.0;      ///< all that is not memory
  double with_memory = 0.0;  ///< everything
};

[[nodiscard]] Ratios ratios(const Contender& spikes, const Contender& baseline);

/// Which baselines spikes beat, and which beat them, under each of the three totals; what decides it.
[[nodiscard]] std::string verdict(const Comparison& comparison);

}  // namespace stac::energy
