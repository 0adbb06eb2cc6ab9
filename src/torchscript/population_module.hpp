// A population of neurons in TorchScript: membranes to integer codes, units and spike counts, as the fused engine has
// them (snn/gain_control, snn/encoded_rows).
#pragma once
#include <torch/script.h>

#include <string>

#include "stac/snn/population.hpp"

namespace stac::torchscript {

/// A module whose `speak(x)` gives the windows of membranes x, f32 [..., channels]:
///   codes   f64 [..., channels], whole numbers: a channel's code times its group's multiplier
///   unit    f64 [..., 1], what a code of 1 is worth
///   spikes  int64 [...], of all channels of a row
///
/// Where the code says the nearest integer, spikes come from its table; else the neuron runs its steps.
/// @param name        of the module's class
/// @param full_scale  static thresholds in a shape that broadcasts to a row's groups [..., groups]; undefined: adaptive
/// @throws stac::UsageError  as snn::require_valid
[[nodiscard]] torch::jit::Module population_module(const std::string& name, const snn::Population& population,
                                                   const at::Tensor& full_scale);

}  // namespace stac::torchscript
