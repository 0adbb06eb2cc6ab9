// Whether calibrated thresholds, all of them together, bring a network nearer to its source than plain ones do.
#pragma once
#include <vector>

#include "stac/convert/calibration_text.hpp"
#include "stac/convert/converter.hpp"
#include "stac/model/text_logits.hpp"

namespace stac::convert {

/// @param plain, calibrated  networks of the same weights, that differ in their thresholds
/// @param texts              nothing was fitted to them, and no site's choice judged by them
/// @return  one for each text
[[nodiscard]] std::vector<Verification> verify(const model::TextReader& source, const model::TextReader& plain,
                                               const model::TextReader& calibrated,
                                               const std::vector<TextSamples>& texts);

/// The text on which calibrated thresholds leave the network furthest behind the plain ones; null where they do so on
/// none.
[[nodiscard]] const Verification* worst_harm(const std::vector<Verification>& verified);

/// The record of thresholds that were given up as a whole.
[[nodiscard]] ThresholdRecord given_up(ThresholdRecord record);

}  // namespace stac::convert
