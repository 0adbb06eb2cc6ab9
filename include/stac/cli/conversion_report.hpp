// What stac-convert says about what it did.
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "stac/convert/converter.hpp"

namespace stac::cli {

/// Tables of what was chosen and what it cost, and the commands that come next.
/// @param times  of the conversion's stages, and of those after it
[[nodiscard]] std::string conversion_text(const convert::Conversion& conversion, const std::filesystem::path& folder,
                                          const std::vector<convert::StageTime>& times);

/// The artifact's manifest, its folder under "output", and the times under "seconds": [{stage, seconds}]. (They are not
/// in the manifest: the same conversion writes the same artifact.)
[[nodiscard]] nlohmann::json conversion_json(const convert::Conversion& conversion, const std::filesystem::path& folder,
                                             const std::vector<convert::StageTime>& times);

}  // namespace stac::cli
