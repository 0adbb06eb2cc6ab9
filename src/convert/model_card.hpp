// README.md of an artifact: what it is, how to use it, what was measured, whose weights it carries.
#pragma once
#include <filesystem>
#include <string>

#include "stac/convert/manifest.hpp"

namespace stac::convert {

/// @param source  the source checkpoint's folder; its own model card may name a licence
[[nodiscard]] std::string model_card(const Manifest& manifest, const std::filesystem::path& source);

}  // namespace stac::convert
