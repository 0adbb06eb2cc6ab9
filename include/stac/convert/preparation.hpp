// What a conversion does with text: thresholds are calibrated and the activation swap is repaired, layer by layer, each
// on what the finished spiking layers before it (quantized, if they are to be) really produce.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "stac/convert/activation_repair.hpp"
#include "stac/convert/calibration_text.hpp"
#include "stac/convert/conversion_options.hpp"
#include "stac/convert/threshold_calibration.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/quantized_linear.hpp"

namespace stac::convert {

struct CalibrationRecord {
  snn::SiteId where;
  SiteChoice choice;

  friend bool operator==(const CalibrationRecord&, const CalibrationRecord&) = default;
};

struct Preparation {
  model::TransformerWeights weights;  ///< as before but for refitted down projections
  snn::Plan plan;
  snn::Plan plain;                            ///< the same with plain thresholds where `plan` has calibrated ones
  snn::QuantizedWeights quantized;            ///< of `weights`, where int8 was asked for
  std::vector<LayerRepair> repairs;           ///< one per layer, where the activation was swapped
  std::vector<model::Projection> folded;      ///< the down projections with the mean folded alone, as many
  std::vector<CalibrationRecord> calibrated;  ///< in the order of for_each_site, where thresholds were calibrated
  std::vector<std::string> fallbacks;
};

/// @param source   the function of the checkpoint
/// @param network  the function to convert to: the source's, or the same with ReLU for GELU
/// @param options  resolved
/// @param plan     what populations speak before calibration
/// @param text     at least two samples: every eighth judges (at least one), the others fit; what does harm on those
/// that
///                 judge or on the witnesses is dropped, with a line
/// @throws stac::Error  fewer than two samples; a membrane is not finite
[[nodiscard]] Preparation prepare(const model::TransformerConfig& source, const model::TransformerConfig& network,
                                  const model::TransformerWeights& weights, const ConversionOptions& options,
                                  const snn::Plan& plan, const CalibrationText& text,
                                  const std::function<void(std::int64_t layer)>& progress);

}  // namespace stac::convert
