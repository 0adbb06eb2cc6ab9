#include "text/jinja/json_value.hpp"

#include <limits>

#include "text/jinja/error.hpp"

namespace stac::text::jinja {
namespace {

using Json = nlohmann::ordered_json;

Value from_array(const Json& json) {
  Value::Items items;
  for (const Json& item : json) items.push_back(from_json(item));
  return Value::list(std::move(items));
}

Value from_object(const Json& json) {
  Value::Pairs pairs;
  for (const auto& [key, value] : json.items()) pairs.emplace_back(Value(key), from_json(value));
  return Value::dict(std::move(pairs));
}

Value from_integer(const Json& json) {
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    throw ValueError("a whole number does not fit in 64 bits");
  }
  return json.get<std::int64_t>();
}

}  // namespace

Value from_json(const Json& json) {
  if (json.is_null()) return None{};
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return from_integer(json);
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  return json.is_array() ? from_array(json) : from_object(json);
}

}  // namespace stac::text::jinja
