#include "text/pipeline/component_json.hpp"

#include "stac/error.hpp"
#include "text/json_fields.hpp"
#include "text/json_messages.hpp"
#include "text/pipeline/oniguruma.hpp"
#include "text/utf8.hpp"

namespace stac::text {

using Json = nlohmann::json;

std::string component_type(const Json& component, const std::string& where) {
  require_object(component, where);
  return string_field(component, "type", where);
}

void refuse_component(const std::string& where, const std::string& type) {
  throw Error(where + " '" + type + "' is not supported", "the tokenizer would give other ids than its own library");
}

const Json& list_field(const Json& component, const char* key, const std::string& where) {
  const Json& list = field(component, key);
  if (!list.is_array()) throw Error(where + ": '" + key + "' must be a list but is " + json_type(list));
  return list;
}

std::string character_field(const Json& component, const char* key, const std::string& where) {
  std::string text = string_field(component, key, where);
  const bool one = !text.empty() && read_utf8(text).length == text.size();
  if (!one) throw Error(where + ": '" + key + "' must be one character but is '" + text + "'");
  return text;
}

std::unique_ptr<const Pattern> pattern_field(const Json& component, const std::string& where) {
  const Json& pattern = field(component, "pattern");
  const std::string place = where + ": 'pattern'";
  require_object(pattern, place);
  const bool literal = pattern.contains("String");
  const std::string text = string_field(pattern, literal ? "String" : "Regex", place);
  if (text.empty()) throw Error(place + " is empty, which is not supported");
  if (literal) return std::make_unique<LiteralPattern>(text);
  return std::make_unique<RegexPattern>(oniguruma_regex(text));
}

}  // namespace stac::text
