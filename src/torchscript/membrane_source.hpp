// What acts on membranes once per window, as TorchScript: snn/membrane_functions with sums and transcendental functions
// in f64, rounded to f32 where the engine's kernels have an f32.
#pragma once
#include <torch/script.h>

#include "stac/model/config.hpp"

namespace stac::torchscript {

/// Defines `normalised(x)`: without gain and bias, those are folded into the projection behind it.
void define_norm(torch::jit::Module& module, const model::TransformerConfig& config);

/// Defines `activated(x)`.
void define_activation(torch::jit::Module& module, model::Activation activation);

/// Defines `stored(x)`: what comes back of f32 membranes that waited in this storage.
/// `stored(x)`: as membranes wait.
void define_storage(torch::jit::Module& module, model::MembraneFormat format);
/// `cached(x)`: keys and values before they are rounded to the cache's grid.
void define_cache(torch::jit::Module& module, model::CacheFormat format);

}  // namespace stac::torchscript
