// One layer's spiking attention as TorchScript.
#pragma once
#include <torch/script.h>

#include <string>

#include "stac/snn/engine.hpp"

namespace stac::torchscript {

/// A module whose forward(queries, keys, values, past_keys, past_values, counted, starts) is the fused engine's
/// AttentionMemory for a batch:
///   queries      f32 [batch, heads, new, head_dim], turned already where positions are rotary
///   keys,values  f32 [batch, kv_heads, new, head_dim]
///   past_*       int32 [batch, kv_heads, cached, head_dim], as this module returned them
///   counted      int64 [batch, new], 0 for padding
///   starts       int64 [batch], padding at the left of each row
/// It returns mixed, f32 [batch, heads, new, head_dim]; keys and values, int32, with the new ones; spikes of the
/// queries and of the softmax, one int64 each.
/// @param max_positions  tokens that the cache may hold
[[nodiscard]] torch::jit::Module attention_module(const std::string& name, const snn::AttentionShape& shape,
                                                  std::int64_t max_positions);

}  // namespace stac::torchscript
