#include "text/pipeline/post_processor_json.hpp"

#include "stac/error.hpp"
#include "text/json_fields.hpp"
#include "text/json_messages.hpp"
#include "text/pipeline/component_json.hpp"
#include "text/pipeline/vocabulary_json.hpp"

namespace stac::text {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<std::int64_t>;

constexpr const char* where = "post_processor TemplateProcessing";

/// The ids of a special token of the template, as its own table lists them.
Ids ids_of_special(const Json& component, const std::string& name) {
  const Json& table = field(component, "special_tokens");
  require_object(table, std::string(where) + ": 'special_tokens'");
  const Json& entry = field(table, name.c_str());
  require_object(entry, std::string(where) + ": special token '" + name + "'");
  Ids ids;
  for (const Json& id : list_field(entry, "ids", where)) ids.push_back(parse_id(id, where));
  return ids;
}

Affixes parse_template(const Json& component) {
  Affixes affixes;
  int texts = 0;
  for (const Json& part : list_field(component, "single", where)) {
    require_object(part, std::string(where) + ": an element of 'single'");
    if (part.contains("Sequence")) {
      ++texts;
      continue;
    }
    const Json& special = field(part, "SpecialToken");
    require_object(special, std::string(where) + ": 'SpecialToken'");
    const Ids ids = ids_of_special(component, string_field(special, "id", where));
    Ids& side = texts == 0 ? affixes.before : affixes.after;
    side.insert(side.end(), ids.begin(), ids.end());
  }
  if (texts != 1) throw Error(std::string(where) + ": 'single' must hold one Sequence, not " + std::to_string(texts));
  return affixes;
}

}  // namespace

Affixes parse_post_processor(const Json& component) {
  if (component.is_null()) return {};
  const std::string type = component_type(component, "post_processor");
  if (type == "ByteLevel") return {};  // moves offsets only
  if (type == "TemplateProcessing") return parse_template(component);
  if (type != "Sequence") refuse_component("post_processor", type);
  Affixes all;
  for (const Json& part : list_field(component, "processors", "post_processor Sequence")) {
    const Affixes outer = parse_post_processor(part);
    all.before.insert(all.before.begin(), outer.before.begin(), outer.before.end());
    all.after.insert(all.after.end(), outer.after.begin(), outer.after.end());
  }
  return all;
}

}  // namespace stac::text
