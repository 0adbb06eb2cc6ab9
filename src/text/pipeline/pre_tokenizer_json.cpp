#include "text/pipeline/pre_tokenizer_json.hpp"

#include "stac/error.hpp"
#include "text/character_class.hpp"
#include "text/json_fields.hpp"
#include "text/pipeline/byte_level.hpp"
#include "text/pipeline/component_json.hpp"
#include "text/pipeline/metaspace_json.hpp"
#include "text/pipeline/split.hpp"

namespace stac::text {
namespace {

using Json = nlohmann::json;
using Stages = std::vector<std::unique_ptr<const PreTokenizer>>;

/// Words, and what is neither word nor blank.
std::unique_ptr<const Pattern> words_and_signs() {
  const std::string members(word_members);
  return std::make_unique<RegexPattern>(Regex("[" + members + "]+|[^" + members + "\\p{White_Space}]+"));
}

std::unique_ptr<const PreTokenizer> parse_byte_level(const Json& component) {
  ByteLevelOptions options;
  // The library's defaults for fields that older files leave out.
  options.add_prefix_space = optional_bool(component, "add_prefix_space", "pre_tokenizer").value_or(true);
  options.use_regex = optional_bool(component, "use_regex", "pre_tokenizer").value_or(true);
  return std::make_unique<ByteLevel>(options);
}

Delimiters parse_delimiters(const std::string& name) {
  if (name == "Removed") return Delimiters::removed;
  if (name == "Isolated") return Delimiters::isolated;
  if (name == "MergedWithPrevious") return Delimiters::merged_with_previous;
  if (name == "MergedWithNext") return Delimiters::merged_with_next;
  if (name == "Contiguous") return Delimiters::contiguous;
  throw Error("pre_tokenizer Split: the behavior '" + name + "' is not known");
}

std::unique_ptr<const PreTokenizer> parse_split(const Json& component) {
  const std::string where = "pre_tokenizer Split";
  const bool invert = optional_bool(component, "invert", where).value_or(false);
  return std::make_unique<Split>(pattern_field(component, where),
                                 parse_delimiters(string_field(component, "behavior", where)),
                                 invert ? Matched::words : Matched::delimiters);
}

std::unique_ptr<const PreTokenizer> parse_digits(const Json& component) {
  const bool each = optional_bool(component, "individual_digits", "pre_tokenizer Digits").value_or(false);
  return std::make_unique<Split>(std::make_unique<CharacterPattern>(is_numeric),
                                 each ? Delimiters::isolated : Delimiters::contiguous);
}

std::unique_ptr<const PreTokenizer> parse_stage(const Json& component, const std::string& type) {
  if (type == "ByteLevel") return parse_byte_level(component);
  if (type == "Split") return parse_split(component);
  if (type == "Digits") return parse_digits(component);
  if (type == "Metaspace") return std::make_unique<Metaspace>(parse_metaspace(component, "pre_tokenizer Metaspace"));
  if (type == "WhitespaceSplit") {
    return std::make_unique<Split>(std::make_unique<CharacterPattern>(is_blank), Delimiters::removed);
  }
  if (type == "Whitespace") {
    return std::make_unique<Split>(words_and_signs(), Delimiters::removed, Matched::words);
  }
  refuse_component("pre_tokenizer", type);
}

void parse_into(const Json& component, Stages& stages) {
  const std::string type = component_type(component, "pre_tokenizer");
  if (type != "Sequence") {
    stages.push_back(parse_stage(component, type));
    return;
  }
  for (const Json& part : list_field(component, "pretokenizers", "pre_tokenizer Sequence")) parse_into(part, stages);
}

}  // namespace

Stages parse_pre_tokenizers(const Json& component) {
  Stages stages;
  if (!component.is_null()) parse_into(component, stages);
  return stages;
}

}  // namespace stac::text
