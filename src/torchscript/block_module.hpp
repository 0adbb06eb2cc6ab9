// One transformer block as TorchScript.
#pragma once
#include <torch/script.h>

#include "stac/torchscript/network_module.hpp"

namespace stac::torchscript {

/// A module whose forward(hidden, past_keys, past_values, counted, starts, cosines, sines) adds attention and MLP to
/// hidden, f32 [batch, new, hidden_size]. cosines and sines: f32 [batch, new, head_dim / 2], anything where positions
/// are learned; the rest as attention_module.
/// It returns hidden, the layer's keys and values, and spikes, int64 [7], in the order of snn::kSites.
[[nodiscard]] torch::jit::Module block_module(const snn::NetworkParts& network, std::int64_t layer);

}  // namespace stac::torchscript
