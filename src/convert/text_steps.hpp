// The steps of a conversion that read text: thresholds and swap are prepared, codes chosen, and what was calibrated is
// held against what was not.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "convert/stages.hpp"
#include "stac/convert/calibration_text.hpp"
#include "stac/convert/converter.hpp"

namespace stac::convert {

/// The checkpoint's own function.
struct SourceModel {
  model::TransformerConfig config;
  std::shared_ptr<const model::TransformerWeights> weights;
};

/// The network with plain thresholds, which calibrated ones must not be worse than.
struct PlainTwin {
  std::shared_ptr<const model::TransformerWeights> weights;  ///< not quantized
  snn::Plan plan;
  std::vector<TextSamples> texts;  ///< to compare on
};

/// Calibrates thresholds, repairs the activation swap and rounds with compensation, where the options want that.
/// @return  nothing where no threshold was calibrated
[[nodiscard]] std::optional<PlainTwin> prepare_with_text(Conversion& conversion, const SourceModel& source,
                                                         const CalibrationRequest& request, Stages& stages);

/// Quantizes the weights and chooses each site's code, where the options want that; then does both again with plain
/// thresholds, should the calibrated ones leave the network further from its source.
void settle(Conversion& conversion, const SourceModel& source, const std::optional<PlainTwin>& twin,
            const CalibrationRequest& request, Stages& stages);

}  // namespace stac::convert
