// The artifact written last, which the tools take when no model is named.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace stac::convert {

/// $XDG_STATE_HOME/stac/last, by default ~/.local/state/stac/last; none where neither variable names an absolute path.
[[nodiscard]] std::optional<std::filesystem::path> last_artifact_record();

/// Notes the folder. Never throws: not being able to is no reason to fail a conversion.
/// @return a warning for the user, if it could not be noted
std::optional<std::string> record_last_artifact(const std::filesystem::path& folder);

/// The folder noted last; none if nothing is noted or readable, or the folder is no artifact any more.
[[nodiscard]] std::optional<std::filesystem::path> last_artifact();

}  // namespace stac::convert
