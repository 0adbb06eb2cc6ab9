#include "convert/json_reader.hpp"

#include <algorithm>
#include <utility>

namespace stac::convert {
namespace {

constexpr const char* kHint = "the file is not what this version of STAC writes: convert the model again";

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

JsonReader::JsonReader(const nlohmann::json& json, std::string where, std::string path)
    : json_(json), where_(std::move(where)), path_(std::move(path)) {
  if (json_.is_object()) return;
  throw Error(where_ + ": " + (path_.empty() ? std::string() : "'" + path_ + "' ") + "is not a JSON object", kHint);
}

void JsonReader::require_only(std::initializer_list<std::string_view> known) const {
  for (const auto& [field, value] : json_.items()) {
    if (std::find(known.begin(), known.end(), field) == known.end()) refuse(field, "is not a field of this format");
  }
}

bool JsonReader::is_null(const std::string& field) const {
  const auto found = json_.find(field);
  return found != json_.end() && found->is_null();
}

std::string JsonReader::text(const std::string& field) const {
  if (!at(field).is_string()) refuse(field, "is not a string");
  return at(field).get<std::string>();
}

std::string JsonReader::sha256(const std::string& field) const {
  std::string digits = text(field);
  if (!is_sha256(digits)) refuse(field, "is not 64 lower-case hex digits");
  return digits;
}

bool JsonReader::boolean(const std::string& field) const {
  if (!at(field).is_boolean()) refuse(field, "is neither true nor false");
  return at(field).get<bool>();
}

std::int64_t JsonReader::integer(const std::string& field, std::int64_t least) const {
  const nlohmann::json& value = at(field);
  if (!value.is_number_integer()) refuse(field, "is not an integer");
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
    refuse(field, "is out of range");
  }
  if (value.get<std::int64_t>() < least) refuse(field, "is less than " + std::to_string(least));
  return value.get<std::int64_t>();
}

double JsonReader::fraction(const std::string& field, double most) const {
  if (!at(field).is_number()) refuse(field, "is not a number");
  const auto value = at(field).get<double>();
  if (!(value >= 0.0 && value <= most)) refuse(field, "is outside its range");
  return value;
}

std::vector<std::string> JsonReader::texts(const std::string& field) const {
  if (!at(field).is_array()) refuse(field, "is not a list");
  std::vector<std::string> result;
  for (const nlohmann::json& item : at(field)) {
    if (!item.is_string()) refuse(field, "holds something that is not a string");
    result.push_back(item.get<std::string>());
  }
  return result;
}

JsonReader JsonReader::object(const std::string& field) const { return {at(field), where_, name(field)}; }

std::vector<JsonReader> JsonReader::objects(const std::string& field) const {
  if (!at(field).is_array()) refuse(field, "is not a list");
  std::vector<JsonReader> result;
  for (const nlohmann::json& item : at(field)) result.emplace_back(item, where_, name(field));
  return result;
}

void JsonReader::refuse(const std::string& field, const std::string& rule) const {
  throw Error(where_ + ": '" + name(field) + "' " + rule, kHint);
}

std::string JsonReader::name(const std::string& field) const { return path_.empty() ? field : path_ + "." + field; }

const nlohmann::json& JsonReader::at(const std::string& field) const {
  const auto found = json_.find(field);
  if (found == json_.end()) refuse(field, "is missing");
  return *found;
}

}  // namespace stac::convert
