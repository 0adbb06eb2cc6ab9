// The attention of one layer as the plan has it: its populations, and the integer grid of its cached keys and values.
#pragma once
#include <cstdint>

#include "stac/model/config.hpp"
#include "stac/snn/engine.hpp"
#include "stac/snn/plan.hpp"

namespace stac::snn {

/// @param qkv  the layer's queries, keys and values, stacked: the grid follows from its weights
[[nodiscard]] AttentionShape attention_shape(const model::TransformerConfig& config, std::int64_t layer,
                                             const Plan& plan, const SpikingLinear& qkv);

}  // namespace stac::snn
