// One spiking projection as TorchScript.
#pragma once
#include <torch/script.h>

#include <string>

#include "stac/snn/engine.hpp"

namespace stac::torchscript {

/// A module whose forward(x, counted) drives the projection's weights by the spikes that membranes x, f32
/// [..., inputs], become: currents, f32 [..., outputs], equal to the fused engine's bit for bit, and the spikes (int64,
/// one number) of the rows where `counted`, int64 [...], is 1.
/// @param name  of the module's class
[[nodiscard]] torch::jit::Module projection_module(const std::string& name, const snn::SpikingLinear& layer);

}  // namespace stac::torchscript
