// Watching the residual stream while a network reads.
#pragma once
#include <cstdint>
#include <functional>
#include <span>

namespace stac::model {

/// Shown the residual stream behind every layer of a forward, in order. May be empty.
/// @param stream  [new tokens, hidden_size], row-major; valid during the call
using ResidualObserver = std::function<void(std::int64_t layer, std::span<const float> stream)>;

}  // namespace stac::model
