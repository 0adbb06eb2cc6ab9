// One line of a reference file that says otherwise than we do.
#pragma once
#include <cstdint>
#include <string>

namespace stac::text {

struct ParityMismatch {
  std::int64_t line;  ///< 1 is the first
  std::string what;   ///< what differs, where first, and both sides
};

}  // namespace stac::text
