// Which STAC this is; CMakeLists.txt says the same.
#pragma once

namespace stac {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace stac
