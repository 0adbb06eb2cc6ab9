// JSON as a template sees it: Python's json.loads.
#pragma once
#include <nlohmann/json.hpp>

#include "text/jinja/value.hpp"

namespace stac::text::jinja {

/// Objects keep the order of their keys. @throws ValueError  nested too deeply, a number above 64 bits
[[nodiscard]] Value from_json(const nlohmann::ordered_json& json);

}  // namespace stac::text::jinja
