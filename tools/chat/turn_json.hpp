// What stac-chat measured of each answer, as JSON for programs.
#pragma once
#include <nlohmann/json.hpp>

#include "chat/turn_report.hpp"

namespace stac::chat {

[[nodiscard]] nlohmann::json to_json(const TurnReport& turn);
[[nodiscard]] nlohmann::json to_json(const Totals& totals);

}  // namespace stac::chat
