// The only place where LibTorch versions may differ (1.13 of Debian 12 to 2.x).
#pragma once
#include <torch/version.h>

#include <string>

namespace stac::model {

/// "1.13.1": the version whose headers this was compiled with.
[[nodiscard]] inline std::string libtorch_version() {
  return std::to_string(TORCH_VERSION_MAJOR) + "." + std::to_string(TORCH_VERSION_MINOR) + "." +
         std::to_string(TORCH_VERSION_PATCH);
}

}  // namespace stac::model
