// The last step of every conversion: the network is built, measured, and what the figures tell is said.
#pragma once
#include "stac/convert/converter.hpp"

namespace stac::convert {

/// Sets network and measured, and adds warnings.
/// @throws stac::Error  a product that no spike drove; logits that are not finite
void finish(Conversion& conversion, const Progress& progress);

}  // namespace stac::convert
