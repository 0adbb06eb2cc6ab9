// What the readers of a tokenizer.json's components share. Each component is supported as the tokenizers library means
// it, or refused by name: a stage left out would give other ids.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "text/pipeline/pattern.hpp"

namespace stac::text {

/// @param where  the component's place, for messages: "normalizer"
/// @throws stac::Error  not an object, or without a type
[[nodiscard]] std::string component_type(const nlohmann::json& component, const std::string& where);

[[noreturn]] void refuse_component(const std::string& where, const std::string& type);

/// @throws stac::Error  missing, or not a list
[[nodiscard]] const nlohmann::json& list_field(const nlohmann::json& component, const char* key,
                                               const std::string& where);

/// A string of exactly one character.
/// @throws stac::Error
[[nodiscard]] std::string character_field(const nlohmann::json& component, const char* key, const std::string& where);

/// "pattern": {"String": literal} or {"Regex": expression}.
/// @throws stac::Error  broken, empty, or a regular expression that is not supported
[[nodiscard]] std::unique_ptr<const Pattern> pattern_field(const nlohmann::json& component, const std::string& where);

}  // namespace stac::text
