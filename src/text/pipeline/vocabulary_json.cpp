#include "text/pipeline/vocabulary_json.hpp"

#include "stac/error.hpp"
#include "text/json_fields.hpp"
#include "text/json_messages.hpp"

namespace stac::text {

using Json = nlohmann::json;

std::int64_t parse_id(const Json& value, const std::string& where) {
  if (!value.is_number_integer()) throw Error(where + ": an id must be a whole number but is " + json_type(value));
  const bool too_large =
      value.is_number_unsigned() && value.get<std::uint64_t>() >= static_cast<std::uint64_t>(id_bound);
  if (too_large || value.get<std::int64_t>() < 0) {
    throw Error(where + ": id " + value.dump() + " is outside 0 to " + std::to_string(id_bound - 1));
  }
  return value.get<std::int64_t>();
}

Vocabulary parse_vocabulary(const Json& object, const std::string& where) {
  require_object(object, where);
  Vocabulary vocabulary;
  vocabulary.reserve(object.size());
  std::unordered_map<std::int64_t, const std::string*> owner;
  owner.reserve(object.size());
  for (const auto& [token, value] : object.items()) {
    const std::int64_t id = parse_id(value, where + ": piece '" + token + "'");
    const auto entry = vocabulary.emplace(token, id).first;
    const auto [known, fresh] = owner.emplace(id, &entry->first);
    if (!fresh) {
      throw Error(where + ": id " + std::to_string(id) + " belongs to two pieces, '" + *known->second + "' and '" +
                  token + "'");
    }
  }
  if (vocabulary.empty()) throw Error(where + " is empty");
  return vocabulary;
}

std::pair<std::string, std::string> parse_merge(const std::string& line, const std::string& where) {
  const std::size_t blank = line.find(' ');
  const bool two_parts = blank != std::string::npos && blank > 0 && blank + 1 < line.size() &&
                         line.find(' ', blank + 1) == std::string::npos;
  if (!two_parts) throw Error(where + ": a merge is two pieces with one blank between, not '" + line + "'");
  return {line.substr(0, blank), line.substr(blank + 1)};
}

}  // namespace stac::text
