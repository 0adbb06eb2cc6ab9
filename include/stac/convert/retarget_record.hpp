// What a retargeted network was before.
#pragma once
#include <cstdint>
#include <string>

#include "stac/convert/conversion_options.hpp"

namespace stac::convert {

struct RetargetRecord {
  std::string from;                ///< the artifact's folder, absolute, as it was then; "memory" where it was none
  std::string sha256;              ///< of its manifest's text
  ConversionOptions options;       ///< its own
  std::int64_t dropped_rests = 0;  ///< populations whose rest did not fit the new code

  friend bool operator==(const RetargetRecord&, const RetargetRecord&) = default;
};

}  // namespace stac::convert
