#include "model/config_fields.hpp"

#include <cmath>

#include "stac/error.hpp"

namespace stac::model {
namespace {

using nlohmann::json;

/// A value for a message, short enough for one line whatever the file holds.
std::string shown(const json& value) {
  constexpr std::size_t longest = 60;
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > longest) text = text.substr(0, longest) + "...";
  return text;
}

[[noreturn]] void refuse(const std::string& name, const json& value, const std::string& wanted) {
  throw Error("config.json: '" + name + "' is " + shown(value) + ", but must be " + wanted,
              "correct the field, or take the config.json that came with the weights");
}

std::int64_t whole_number(const std::string& name, const json& value, std::int64_t least, std::int64_t most,
                          const std::string& wanted) {
  if (!value.is_number_integer()) refuse(name, value, wanted);
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(most)) {
    refuse(name, value, wanted);
  }
  const auto number = value.get<std::int64_t>();
  if (number < least || number > most) refuse(name, value, wanted);
  return number;
}

std::int64_t read_size(const char* name, const json& value) {
  return whole_number(name, value, 1, kLargestSize, "a whole number from 1 to 2^31");
}

std::int64_t read_token(const char* name, const json& value, std::int64_t vocab_size) {
  return whole_number(name, value, 0, vocab_size - 1,
                      "a token id below vocab_size (" + std::to_string(vocab_size) + ")");
}

}  // namespace

ConfigFields::ConfigFields(const json& config) : config_(config) {
  if (!config.is_object()) throw Error("config.json: the file holds " + shown(config) + ", not an object");
}

const json* ConfigFields::find(std::initializer_list<const char*> names) const {
  const json* found = nullptr;
  for (const char* name : names) {
    const auto entry = config_.find(name);
    if (entry == config_.end()) continue;
    if (found && *found != *entry) {
      throw Error("config.json: '" + std::string(*names.begin()) + "' and '" + name +
                      "' are two names of one field and disagree (" + shown(*found) + " and " + shown(*entry) + ")",
                  "remove the wrong one");
    }
    found = &*entry;
  }
  return found;
}

std::int64_t ConfigFields::size(std::initializer_list<const char*> names, std::int64_t fallback) const {
  const json* value = find(names);
  return value ? read_size(*names.begin(), *value) : fallback;
}

std::optional<std::int64_t> ConfigFields::optional_size(std::initializer_list<const char*> names) const {
  const json* value = find(names);
  if (!value || value->is_null()) return std::nullopt;
  return read_size(*names.begin(), *value);
}

double ConfigFields::epsilon(const char* name, double fallback) const {
  const json* value = find({name});
  if (!value) return fallback;
  if (!value->is_number()) refuse(name, *value, "a number >= 0");
  const auto number = value->get<double>();
  if (!std::isfinite(number) || number < 0) refuse(name, *value, "a number >= 0");
  return number;
}

bool ConfigFields::flag(const char* name, bool fallback) const {
  const json* value = find({name});
  if (!value) return fallback;
  if (!value->is_boolean()) refuse(name, *value, "true or false");
  return value->get<bool>();
}

std::string ConfigFields::text(const char* name, const std::string& fallback) const {
  const json* value = find({name});
  if (!value) return fallback;
  if (!value->is_string()) refuse(name, *value, "a string");
  return value->get<std::string>();
}

std::optional<std::int64_t> ConfigFields::token_id(const char* name, std::int64_t vocab_size,
                                                   std::optional<std::int64_t> fallback) const {
  const json* value = find({name});
  if (!value) return fallback && *fallback < vocab_size ? fallback : std::nullopt;
  if (value->is_null()) return std::nullopt;
  return read_token(name, *value, vocab_size);
}

std::vector<std::int64_t> ConfigFields::token_ids(const char* name, std::int64_t vocab_size,
                                                  std::optional<std::int64_t> fallback) const {
  const json* value = find({name});
  std::vector<std::int64_t> ids;
  if (!value || !value->is_array()) {
    if (const auto id = token_id(name, vocab_size, fallback)) ids.push_back(*id);
    return ids;
  }
  for (const json& element : *value) ids.push_back(read_token(name, element, vocab_size));
  return ids;
}

void ConfigFields::refuse_unless(const char* name, const json& harmless, const std::string& why) const {
  const json* value = find({name});
  if (!value || value->is_null() || *value == harmless) return;
  throw Error("config.json: '" + std::string(name) + "' is " + shown(*value) + ": " + why,
              "this checkpoint computes something else than the supported architecture");
}

}  // namespace stac::model
