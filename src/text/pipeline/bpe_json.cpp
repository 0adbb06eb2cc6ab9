#include "text/pipeline/bpe_json.hpp"

#include "stac/error.hpp"
#include "text/json_fields.hpp"
#include "text/json_messages.hpp"
#include "text/pipeline/vocabulary_json.hpp"

namespace stac::text {
namespace {

using Json = nlohmann::json;

/// Both notations: "left right", and ["left", "right"] (where pieces may hold blanks).
std::pair<std::string, std::string> parse_merge_entry(const Json& entry, const std::string& where) {
  if (entry.is_string()) return parse_merge(entry.get_ref<const std::string&>(), where);
  const bool is_pair = entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string();
  if (!is_pair) throw Error(where + " must be \"left right\" or [\"left\", \"right\"] but is " + json_type(entry));
  return {entry[0].get<std::string>(), entry[1].get<std::string>()};
}

Merges parse_merges(const Json& list) {
  if (!list.is_array()) throw Error("model.merges must be a list but is " + json_type(list));
  Merges merges;
  merges.reserve(list.size());
  for (const Json& entry : list) {
    if (entry.is_string() && entry.get_ref<const std::string&>().starts_with("#version")) continue;
    merges.push_back(parse_merge_entry(entry, "model.merges[" + std::to_string(merges.size()) + "]"));
  }
  return merges;
}

void refuse_if_set(const Json& model, const char* key, const std::string& why) {
  const Json& value = field(model, key);
  const bool unset = value.is_null() || value == false || value == "" || (value.is_number() && value == 0);
  if (!unset)
    throw Error("model." + std::string(key) + " = " + value.dump().substr(0, 60) + " is not supported: " + why);
}

}  // namespace

std::unique_ptr<PieceModel> parse_bpe_model(const Json& model) {
  refuse_if_set(model, "dropout", "encoding would be random");
  refuse_if_set(model, "continuing_subword_prefix", "merges with a prefix");
  refuse_if_set(model, "end_of_word_suffix", "merges with a suffix");
  BpeOptions options;
  options.unk_token = optional_string(model, "unk_token", "model");
  if (options.unk_token == "") options.unk_token.reset();
  options.fuse_unk = optional_bool(model, "fuse_unk", "model").value_or(false);
  options.byte_fallback = optional_bool(model, "byte_fallback", "model").value_or(false);
  options.ignore_merges = optional_bool(model, "ignore_merges", "model").value_or(false);
  return std::make_unique<BpeModel>(parse_vocabulary(field(model, "vocab"), "model.vocab"),
                                    parse_merges(field(model, "merges")), options);
}

}  // namespace stac::text
