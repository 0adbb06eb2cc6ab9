#include "model/config_fields.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <utility>

#include "stac/error.hpp"

namespace stac::model {
namespace {

using nlohmann::json;

constexpr const char* kSize = "a whole number from 1 to 2^31";

/// A value for a message, short enough for one line whatever the file holds.
std::string shown(const json& value) {
  constexpr std::size_t longest = 60;
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > longest) text = text.substr(0, longest) + "...";
  return text;
}

/// A name for a message: one line whatever the file holds.
std::string printable(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return c < ' '; }, '?');
  return name.substr(0, 60);
}

bool is_off(const json& value) {
  if (value.is_null() || value == json(false) || value == json(0)) return true;
  return (value.is_structured() && value.empty()) || value == json("");
}

}  // namespace

ConfigFields::ConfigFields(const json& config, std::string path) : config_(&config), path_(std::move(path)) {
  if (!config.is_object()) throw Error("config.json: the file holds " + shown(config) + ", not an object");
}

const json* ConfigFields::find(std::span<const char* const> names) const {
  const json* found = nullptr;
  for (const char* name : names) {
    read_.insert(name);
    const auto entry = config_->find(name);
    if (entry == config_->end()) continue;
    if (found && *found != *entry) {
      throw Error("config.json: " + quoted(names.front()) + " and " + quoted(name) +
                      " are two names of one field and disagree (" + shown(*found) + " and " + shown(*entry) + ")",
                  "remove the wrong one");
    }
    found = &*entry;
  }
  return found;
}

const json* ConfigFields::find_set(std::initializer_list<const char*> names) const {
  std::vector<const char*> set;
  for (const char* name : names) {
    read_.insert(name);
    const auto entry = config_->find(name);
    if (entry != config_->end() && !entry->is_null()) set.push_back(name);
  }
  return find(set);
}

void ConfigFields::refuse_value(const std::string& name, const json& value, const std::string& wanted) const {
  throw Error("config.json: " + quoted(name) + " is " + shown(value) + ", but must be " + wanted,
              "correct the field, or take the config.json that came with the weights");
}

void ConfigFields::refuse(const std::string& name, const std::string& wanted) const {
  const auto entry = config_->find(name);
  refuse_value(name, entry == config_->end() ? json(nullptr) : *entry, wanted);
}

std::int64_t ConfigFields::whole_number(const std::string& name, const json& value, std::int64_t least,
                                        std::int64_t most, const std::string& wanted) const {
  if (!value.is_number_integer()) refuse_value(name, value, wanted);
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(most)) {
    refuse_value(name, value, wanted);
  }
  const auto number = value.get<std::int64_t>();
  if (number < least || number > most) refuse_value(name, value, wanted);
  return number;
}

std::int64_t ConfigFields::token(const char* name, const json& value, std::int64_t vocab_size) const {
  return whole_number(name, value, 0, vocab_size - 1,
                      "a token id below vocab_size (" + std::to_string(vocab_size) + ")");
}

std::int64_t ConfigFields::size(std::initializer_list<const char*> names, std::int64_t fallback) const {
  const json* value = find({names.begin(), names.size()});
  return value ? whole_number(*names.begin(), *value, 1, kLargestSize, kSize) : fallback;
}

std::optional<std::int64_t> ConfigFields::optional_size(std::initializer_list<const char*> names) const {
  const json* value = find_set(names);
  if (!value) return std::nullopt;
  return whole_number(*names.begin(), *value, 1, kLargestSize, kSize);
}

std::optional<std::int64_t> ConfigFields::optional_count(const char* name) const {
  const json* value = find_set({name});
  if (!value) return std::nullopt;
  return whole_number(name, *value, 0, kLargestSize, "a whole number from 0 to 2^31");
}

double ConfigFields::epsilon(const char* name, double fallback) const {
  const json* value = find(std::array{name});
  if (value && value->is_null()) refuse_value(name, *value, "a number >= 0");
  return optional_number(name, 0.0).value_or(fallback);
}

std::optional<double> ConfigFields::optional_number(const char* name, double least) const {
  const json* value = find_set({name});
  if (!value) return std::nullopt;
  std::ostringstream wanted;
  wanted << "a number >= " << least;
  if (!value->is_number()) refuse_value(name, *value, wanted.str());
  const auto number = value->get<double>();
  if (!std::isfinite(number) || number < least) refuse_value(name, *value, wanted.str());
  return number;
}

bool ConfigFields::flag(const char* name, bool fallback) const {
  const json* value = find(std::array{name});
  if (!value) return fallback;
  if (!value->is_boolean()) refuse_value(name, *value, "true or false");
  return value->get<bool>();
}

std::string ConfigFields::text(const char* name, const std::string& fallback) const {
  const json* value = find(std::array{name});
  if (!value) return fallback;
  if (!value->is_string()) refuse_value(name, *value, "a string");
  return value->get<std::string>();
}

std::optional<std::string> ConfigFields::optional_text(std::initializer_list<const char*> names) const {
  const json* value = find_set(names);
  if (!value) return std::nullopt;
  if (!value->is_string()) refuse_value(*names.begin(), *value, "a string");
  return value->get<std::string>();
}

std::optional<std::vector<std::string>> ConfigFields::optional_texts(const char* name) const {
  const json* value = find_set({name});
  if (!value) return std::nullopt;
  const auto is_text = [](const json& element) { return element.is_string(); };
  if (!value->is_array() || !std::all_of(value->begin(), value->end(), is_text)) {
    refuse_value(name, *value, "a list of strings");
  }
  return value->get<std::vector<std::string>>();
}

std::optional<ConfigFields> ConfigFields::optional_object(std::initializer_list<const char*> names) const {
  const json* value = find_set(names);
  if (!value) return std::nullopt;
  const auto holds = [&](const char* name) { return config_->contains(name) && config_->at(name) == *value; };
  const std::string name = *std::find_if(names.begin(), names.end(), holds);
  if (!value->is_object()) refuse_value(name, *value, "an object");
  return ConfigFields(*value, path_ + name + ".");
}

std::optional<std::int64_t> ConfigFields::token_id(const char* name, std::int64_t vocab_size,
                                                   std::optional<std::int64_t> fallback) const {
  const json* value = find(std::array{name});
  if (!value) return fallback && *fallback < vocab_size ? fallback : std::nullopt;
  if (value->is_null()) return std::nullopt;
  return token(name, *value, vocab_size);
}

std::vector<std::int64_t> ConfigFields::token_ids(const char* name, std::int64_t vocab_size,
                                                  std::optional<std::int64_t> fallback) const {
  const json* value = find(std::array{name});
  std::vector<std::int64_t> ids;
  if (!value || !value->is_array()) {
    if (const auto id = token_id(name, vocab_size, fallback)) ids.push_back(*id);
    return ids;
  }
  for (const json& element : *value) ids.push_back(token(name, element, vocab_size));
  return ids;
}

void ConfigFields::refuse_unless(const char* name, const json& harmless, const std::string& why) const {
  const json* value = find_set({name});
  if (!value || *value == harmless) return;
  throw Error("config.json: " + quoted(name) + " is " + shown(*value) + ": " + why,
              "this checkpoint computes something else than the supported architecture");
}

void ConfigFields::refuse_unread(bool (*is_harmless)(std::string_view name)) const {
  for (const auto& [name, value] : config_->items()) {
    if (read_.contains(name) || is_off(value) || is_harmless(name)) continue;
    throw Error("config.json: " + quoted(printable(name)) + " is " + shown(value) + ": a field that is not known here",
                "where it changes what the weights compute, the model is not supported; where it does not, remove it");
  }
}

}  // namespace stac::model
