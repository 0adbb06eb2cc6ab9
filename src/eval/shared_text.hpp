// Whether two texts have a passage in common: what was calibrated on a text is not measured on it.
#pragma once
#include <string_view>

namespace stac::eval {

/// Whether a run of twelve words of one stands in the other, however lines are broken.
[[nodiscard]] bool share_a_passage(std::string_view a, std::string_view b);

}  // namespace stac::eval
