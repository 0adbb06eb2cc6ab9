// A random token from logits.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace stac::model {

/// exp(logit - the largest logit), in f64: probabilities up to a common factor.
[[nodiscard]] std::vector<double> relative_odds(std::span<const float> logits);

/// The first id, counted from 0, at which the running sum of softmax(logits) exceeds `random`; summed in f64.
/// @param random  in [0, 1)
[[nodiscard]] std::int64_t draw(std::span<const float> logits, double random);

}  // namespace stac::model
