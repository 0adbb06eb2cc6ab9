#include "text/json_fields.hpp"

#include "stac/error.hpp"
#include "text/json_messages.hpp"

namespace stac::text {

using Json = nlohmann::json;

namespace {

[[noreturn]] void wrong_type(const std::string& where, const char* key, const char* wanted, const Json& found) {
  throw Error(where + ": '" + key + "' must be " + wanted + " but is " + json_type(found));
}

}  // namespace

void require_object(const Json& value, const std::string& where) {
  if (!value.is_object()) throw Error(where + " must be an object but is " + json_type(value));
}

const Json& field(const Json& object, const char* key) {
  static const Json null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

std::string string_field(const Json& object, const char* key, const std::string& where) {
  const Json& value = field(object, key);
  if (!value.is_string()) wrong_type(where, key, "a string", value);
  return value.get<std::string>();
}

std::optional<std::string> optional_string(const Json& object, const char* key, const std::string& where) {
  if (field(object, key).is_null()) return std::nullopt;
  return string_field(object, key, where);
}

std::optional<bool> optional_bool(const Json& object, const char* key, const std::string& where) {
  const Json& value = field(object, key);
  if (value.is_null()) return std::nullopt;
  if (!value.is_boolean()) wrong_type(where, key, "a boolean", value);
  return value.get<bool>();
}

}  // namespace stac::text
