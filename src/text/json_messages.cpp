#include "text/json_messages.hpp"

#include <nlohmann/json.hpp>

namespace stac::text {

std::string json_type(const nlohmann::json& value) {
  switch (value.type()) {
    case nlohmann::json::value_t::null:
      return "null";
    case nlohmann::json::value_t::object:
      return "an object";
    case nlohmann::json::value_t::array:
      return "a list";
    case nlohmann::json::value_t::string:
      return "a string";
    case nlohmann::json::value_t::boolean:
      return "a boolean";
    default:
      return value.is_number() ? "a number" : "binary data";
  }
}

}  // namespace stac::text
