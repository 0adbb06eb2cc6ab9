// What a sample of calibration text is for.
#pragma once

namespace stac::convert {

enum class SampleUse {
  fit,     ///< thresholds and projections are fitted to it
  judge,   ///< from the same text: whether a fit is kept
  witness  ///< text of the model's own beside a file's: a fit that does harm on it is not kept either
};

}  // namespace stac::convert
