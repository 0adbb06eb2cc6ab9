#include "text/pipeline_json.hpp"

#include "stac/error.hpp"
#include "text/byte_level.hpp"
#include "text/json_fields.hpp"
#include "text/json_messages.hpp"

namespace stac::text {
namespace {

using Json = nlohmann::json;

std::string type_of(const Json& component, const std::string& where) {
  require_object(component, where);
  return string_field(component, "type", where);
}

[[noreturn]] void not_supported(const std::string& where, const std::string& type) {
  throw Error(where + " '" + type + "' is not supported", "the tokenizer would give other ids than its own library");
}

const Json& list_field(const Json& component, const char* key, const std::string& where) {
  const Json& list = field(component, key);
  if (!list.is_array()) throw Error(where + ": '" + key + "' must be a list but is " + json_type(list));
  return list;
}

std::unique_ptr<PreTokenizer> parse_byte_level(const Json& component) {
  ByteLevelOptions options;
  // The library's defaults for fields that older files leave out.
  options.add_prefix_space = optional_bool(component, "add_prefix_space", "pre_tokenizer").value_or(true);
  options.use_regex = optional_bool(component, "use_regex", "pre_tokenizer").value_or(true);
  return std::make_unique<ByteLevel>(options);
}

std::unique_ptr<PreTokenizer> parse_pre_tokenizer(const Json& component) {
  const std::string type = type_of(component, "pre_tokenizer");
  if (type == "ByteLevel") return parse_byte_level(component);
  not_supported("pre_tokenizer", type);
}

bool template_begins_with_special(const Json& component) {
  const Json& single = list_field(component, "single", "post_processor TemplateProcessing");
  return !single.empty() && single.front().is_object() && single.front().contains("SpecialToken");
}

}  // namespace

std::unique_ptr<Normalizer> parse_normalizer(const Json& component) {
  if (component.is_null()) return nullptr;
  const std::string type = type_of(component, "normalizer");
  if (type == "Sequence" && list_field(component, "normalizers", "normalizer Sequence").empty()) return nullptr;
  not_supported("normalizer", type);
}

std::vector<std::unique_ptr<PreTokenizer>> parse_pre_tokenizers(const Json& component) {
  if (component.is_null()) throw Error("pre_tokenizer null is not supported", "ByteLevel is");
  std::vector<std::unique_ptr<PreTokenizer>> stages;
  if (type_of(component, "pre_tokenizer") != "Sequence") {
    stages.push_back(parse_pre_tokenizer(component));
    return stages;
  }
  const Json& list = list_field(component, "pretokenizers", "pre_tokenizer Sequence");
  // Two ByteLevel stages would write the byte alphabet in itself: no tokenizer does that on purpose.
  if (list.size() != 1) throw Error("pre_tokenizer Sequence of " + std::to_string(list.size()) + " is not supported");
  stages.push_back(parse_pre_tokenizer(list.front()));
  return stages;
}

void check_decoder(const Json& component) {
  if (component.is_null()) throw Error("decoder null is not supported", "ByteLevel is");
  const std::string type = type_of(component, "decoder");
  if (type != "ByteLevel") not_supported("decoder", type);
}

bool post_processor_adds_bos(const Json& component) {
  if (component.is_null()) return false;
  const std::string type = type_of(component, "post_processor");
  if (type == "ByteLevel") return false;  // moves offsets only
  if (type == "TemplateProcessing") return template_begins_with_special(component);
  if (type != "Sequence") not_supported("post_processor", type);
  bool adds = false;
  for (const Json& part : list_field(component, "processors", "post_processor Sequence")) {
    const std::string part_type = type_of(part, "post_processor Sequence");
    if (part_type == "Sequence") not_supported("post_processor", "Sequence in a Sequence");
    adds = post_processor_adds_bos(part) || adds;
  }
  return adds;
}

}  // namespace stac::text
