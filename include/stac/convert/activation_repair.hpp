// The repair of a GELU -> ReLU swap without training: layer by layer, the down projection is refitted so that it makes
// of spiking ReLU activations what it made of GELU's (ridge_refit.hpp; why it works: docs/theory.md, "Activation
// swap").
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "stac/convert/calibration_text.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/engine.hpp"

namespace stac::convert {

/// What the swap did to one layer's MLP, as mean squared error over mean square of its output on samples that the fit
/// did not see.
struct LayerRepair {
  double raw = 0.0;    ///< the swap alone
  double fold = 0.0;   ///< with the mean difference folded into the bias
  double refit = 0.0;  ///< with the down projection refitted; equal to fold where no system could be solved
  double strength = 0.0;
  std::string chosen;  ///< "raw", "fold" or "refit": the smallest of them

  friend bool operator==(const LayerRepair&, const LayerRepair&) = default;
};

struct RepairedSwap {
  model::TransformerWeights weights;  ///< as before but for the down projections
  std::vector<LayerRepair> layers;
  std::vector<std::string> fallbacks;
};

/// @param source   the function before the swap
/// @param swapped  the same with ReLU
/// @param text     at least two samples: every eighth judges (at least one), the others fit
/// @param engine   executes the layers: each is refitted on what the repaired spiking layers before it produce
/// @throws stac::Error  fewer than two samples; a membrane is not finite
[[nodiscard]] RepairedSwap repair_swap(const model::TransformerConfig& source, const model::TransformerConfig& swapped,
                                       const model::TransformerWeights& weights, const CalibrationText& text,
                                       const snn::Engine& engine,
                                       const std::function<void(std::int64_t layer)>& progress);

}  // namespace stac::convert
