// The last step of every conversion: its network is measured, and what the figures tell is said.
#pragma once
#include "convert/stages.hpp"
#include "stac/convert/converter.hpp"

namespace stac::convert {

/// Sets `measured` and adds warnings.
/// @param conversion  with its network
/// @throws stac::Error  a product that no spike drove; logits that are not finite
void finish(Conversion& conversion, Stages& stages);

}  // namespace stac::convert
