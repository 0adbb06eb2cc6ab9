// Which layer loses most: how far the residual stream of an opened model is from its source's, layer by layer.
#pragma once
#include <vector>

#include "stac/convert/opened_model.hpp"
#include "stac/eval/progress.hpp"
#include "stac/eval/token_windows.hpp"

namespace stac::eval {

/// |spiking - source| / |source| behind every layer, over the tokens of the first windows (1,024 at most). Both
/// networks read one layer at a time.
/// @return none where there is no source
[[nodiscard]] std::vector<double> layer_errors(const convert::OpenedModel& model, const TokenWindows& text,
                                               const Progress& progress = {});

}  // namespace stac::eval
