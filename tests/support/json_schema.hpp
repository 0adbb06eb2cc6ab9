// Checks a JSON value against the part of JSON Schema (draft 7) that our schemas use.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace stac::testing {

inline bool has_type(const nlohmann::json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_number_integer();
  return value.is_number();
}

/// Every way in which the value does not fit, by its path.
inline void find_violations(const nlohmann::json& schema, const nlohmann::json& value, const std::string& path,
                            std::vector<std::string>& violations) {
  const nlohmann::json types = schema.at("type").is_array() ? schema.at("type") : nlohmann::json{schema.at("type")};
  bool fits = false;
  for (const auto& type : types) fits = fits || has_type(value, type);
  if (!fits) return violations.push_back(path + ": is " + value.type_name() + ", not " + types.dump());
  if (schema.contains("enum")) {
    bool is_one = false;
    for (const auto& allowed : schema.at("enum")) is_one = is_one || allowed == value;
    if (!is_one) violations.push_back(path + ": " + value.dump() + " is none of " + schema.at("enum").dump());
  }
  if (schema.contains("minimum") && value.is_number() && value < schema.at("minimum")) {
    violations.push_back(path + ": " + value.dump() + " is too small");
  }
  if (value.is_array() && schema.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      find_violations(schema.at("items"), value[i], path + "[" + std::to_string(i) + "]", violations);
    }
  }
  if (!value.is_object()) return;
  for (const auto& name : schema.value("required", nlohmann::json::array())) {
    if (!value.contains(name)) violations.push_back(path + ": lacks '" + name.get<std::string>() + "'");
  }
  const nlohmann::json properties = schema.value("properties", nlohmann::json::object());
  for (const auto& [name, inner] : value.items()) {
    if (properties.contains(name)) {
      find_violations(properties.at(name), inner, path + "." + name, violations);
    } else if (schema.contains("additionalProperties") && schema.at("additionalProperties").is_object()) {
      find_violations(schema.at("additionalProperties"), inner, path + "." + name, violations);
    } else {
      violations.push_back(path + ": has '" + name + "', which the schema does not know");
    }
  }
}

inline std::vector<std::string> violations(const nlohmann::json& schema, const nlohmann::json& value) {
  std::vector<std::string> found;
  find_violations(schema, value, "$", found);
  return found;
}

}  // namespace stac::testing
