// A vocabulary as JSON spells it: an object from piece to id.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "text/pipeline/bpe_model.hpp"

namespace stac::text {

/// Ids are below this bound: tables are as long as the largest id, which a broken file could make any number.
inline constexpr std::int64_t id_bound = std::int64_t{1} << 22;

/// @throws stac::Error  not an id, or out of bounds
[[nodiscard]] std::int64_t parse_id(const nlohmann::json& value, const std::string& where);

/// @throws stac::Error  not an object, an id of the wrong type or out of bounds, one id for two pieces
[[nodiscard]] Vocabulary parse_vocabulary(const nlohmann::json& object, const std::string& where);

/// Splits "left right"; exactly one blank.
/// @throws stac::Error naming the merge
[[nodiscard]] std::pair<std::string, std::string> parse_merge(const std::string& line, const std::string& where);

}  // namespace stac::text
