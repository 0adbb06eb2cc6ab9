// From the user's options to what every population of a network speaks.
#pragma once
#include <cstdint>

#include "stac/convert/conversion_options.hpp"
#include "stac/model/config.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/plan.hpp"

namespace stac::convert {

/// Whether a site's membranes are never negative: the softmax's, and what ReLU lets through to the down projection.
[[nodiscard]] bool is_never_negative(const model::TransformerConfig& network, snn::Site site);

/// The options' code and groups at every site, thresholds adaptive and alike: what needs no weights. Where unsigned
/// spikes are asked for, sites that are never negative have them.
/// @param options  resolved
/// @param network  the function that is converted to
[[nodiscard]] snn::Plan plain_plan(const ConversionOptions& options, const model::TransformerConfig& network);

/// The options' code at every site, under adaptive thresholds; groups and profiles at the projections (a head's queries
/// and a softmax row are one group each).
/// @param options  resolved
[[nodiscard]] snn::Plan make_plan(const ConversionOptions& options, const model::TransformerConfig& config,
                                  const model::TransformerWeights& weights);

}  // namespace stac::convert
