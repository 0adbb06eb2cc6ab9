// What was measured of a conversion, in stac.json.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>

#include "convert/json_reader.hpp"
#include "stac/convert/conversion_quality.hpp"
#include "stac/convert/logit_scale.hpp"

namespace stac::convert {

[[nodiscard]] nlohmann::json quality_to_json(const std::optional<QualityRecord>& quality);
/// The manifest's field "quality". @throws stac::Error naming what is wrong
[[nodiscard]] std::optional<QualityRecord> quality_from_json(const JsonReader& manifest);

[[nodiscard]] nlohmann::json logit_scale_to_json(const std::optional<LogitScaleRecord>& scale);
/// The manifest's field "logit_scale". @throws stac::Error naming what is wrong
[[nodiscard]] std::optional<LogitScaleRecord> logit_scale_from_json(const JsonReader& manifest);

}  // namespace stac::convert
