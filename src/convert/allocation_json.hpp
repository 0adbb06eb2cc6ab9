// The choice of codes in stac.json.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>

#include "convert/json_reader.hpp"
#include "stac/convert/allocation.hpp"

namespace stac::convert {

[[nodiscard]] nlohmann::json allocation_to_json(const std::optional<AllocationRecord>& allocation);

/// The manifest's field "allocation". @throws stac::Error naming what is wrong
[[nodiscard]] std::optional<AllocationRecord> allocation_from_json(const JsonReader& manifest);

/// The fields "layer" and "site". @throws stac::Error  an unknown site
[[nodiscard]] snn::SiteId site_from_json(const JsonReader& reader);

}  // namespace stac::convert
