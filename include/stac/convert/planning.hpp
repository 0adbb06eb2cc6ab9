// From the user's options to what every population of a network speaks.
#pragma once
#include <cstdint>

#include "stac/convert/conversion_options.hpp"
#include "stac/model/config.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/plan.hpp"

namespace stac::convert {

/// The options' code and groups at every site, thresholds adaptive and alike: what needs no weights.
/// @param options  resolved
[[nodiscard]] snn::Plan plain_plan(const ConversionOptions& options, std::int64_t layers);

/// The options' code at every site, under adaptive thresholds; groups and profiles at the projections (a head's queries
/// and a softmax row are one group each).
/// @param options  resolved
[[nodiscard]] snn::Plan make_plan(const ConversionOptions& options, const model::TransformerConfig& config,
                                  const model::TransformerWeights& weights);

}  // namespace stac::convert
