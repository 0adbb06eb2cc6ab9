// Measures a conversion before it is saved: the networks of its pipeline against the source, and what spikes did in the
// last of them.
#pragma once
#include "stac/convert/converter.hpp"

namespace stac::eval {

/// Every network of the pipeline reads the same windows, all of them one layer at a time, of text that the conversion
/// did not see: the bundled evaluation stories, or, where the model has no tokenizer or was calibrated on them, samples
/// of the source's own with a seed of their own. How many tokens depends on the model's size (256 to 1,024); the record
/// says how many and what they are.
/// @param calibration  what convert() was given
/// @throws stac::Error  a logit that is not finite; a tokenizer or calibration file that cannot be read
[[nodiscard]] convert::QualityRecord measure_conversion(const convert::Conversion& conversion,
                                                        const convert::CalibrationRequest& calibration,
                                                        const convert::Progress& progress = {});

}  // namespace stac::eval
