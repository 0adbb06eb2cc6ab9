// What config.json says about rotary positions: `rope_theta` and `rope_scaling` of transformers 4, `rope_parameters` of
// transformers 5.
#pragma once
#include "model/config_fields.hpp"
#include "stac/model/rotary.hpp"

namespace stac::model {

/// @param trained_positions  max_position_embeddings
/// @param head_dim           even
/// @throws stac::Error naming the field: wrong type or range, an unknown scaling or switch
[[nodiscard]] RotaryPositions parse_rotary(const ConfigFields& fields, std::int64_t trained_positions,
                                           std::int64_t head_dim);

/// Longest text that the scaling allows for. Where max_position_embeddings is the context before scaling, as linear and
/// dynamic have it, `factor` times that; else max_position_embeddings.
[[nodiscard]] std::int64_t position_limit(const RotaryPositions& rotary, std::int64_t trained_positions);

}  // namespace stac::model
