// Models and files of the hub, with what a person sees while they arrive.
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "stac/cli/console.hpp"

namespace stac::cli {

/// The folder of a model, as io::fetch_model finds or downloads it under the environment's settings. Says on stderr
/// what it downloads and where to, with a bar.
/// @param revision  of --revision
/// @throws stac::UsageError, stac::Error; Interrupted, which leaves a part that the next run goes on from
[[nodiscard]] std::filesystem::path fetch_model(const std::string& name, const std::optional<std::string>& revision,
                                                const Console& console);

/// A model's folder, or the path of `hf://datasets/ORG/NAME/FILE`.
[[nodiscard]] std::filesystem::path fetch_anything(const std::string& name, const std::optional<std::string>& revision,
                                                   const Console& console);

/// The short names of configs/models.json, and whether their models are in the cache.
[[nodiscard]] std::string model_names_text();
[[nodiscard]] nlohmann::json model_names_json();

}  // namespace stac::cli
