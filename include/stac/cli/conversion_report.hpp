// What stac-convert says about what it did.
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "stac/convert/converter.hpp"

namespace stac::cli {

/// A table of the conversion and the commands that come next.
[[nodiscard]] std::string conversion_text(const convert::Conversion& conversion, const std::filesystem::path& folder);

/// The artifact's manifest, and its folder under "output".
[[nodiscard]] nlohmann::json conversion_json(const convert::Conversion& conversion,
                                             const std::filesystem::path& folder);

}  // namespace stac::cli
