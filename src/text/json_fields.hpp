// Typed fields of a JSON object, with errors that name the field.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace stac::text {

/// @param where  how messages call the object: "added_tokens[3]"
/// @throws stac::Error  not an object
void require_object(const nlohmann::json& value, const std::string& where);

/// The field, or null where the object does not have it.
[[nodiscard]] const nlohmann::json& field(const nlohmann::json& object, const char* key);

/// @throws stac::Error  the field is missing or not of the type (the optional ones: neither missing, null nor of it)
[[nodiscard]] std::string string_field(const nlohmann::json& object, const char* key, const std::string& where);
[[nodiscard]] std::optional<std::string> optional_string(const nlohmann::json& object, const char* key,
                                                         const std::string& where);
[[nodiscard]] std::optional<bool> optional_bool(const nlohmann::json& object, const char* key,
                                                const std::string& where);

}  // namespace stac::text
