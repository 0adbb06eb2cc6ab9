// The record of a repaired GELU -> ReLU swap: layer by layer, the down projection is refitted so that it makes of
// spiking ReLU activations what it made of GELU's (ridge_refit.hpp; why it works: docs/theory.md, "Activation swap").
#pragma once
#include <cstdint>
#include <string>
#include <vector>

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

}  // namespace stac::convert
