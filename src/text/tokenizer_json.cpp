#include "text/tokenizer_json.hpp"

#include "stac/error.hpp"
#include "stac/io/json_file.hpp"
#include "text/json_fields.hpp"
#include "text/json_messages.hpp"
#include "text/pipeline/decoder_json.hpp"
#include "text/pipeline/model_json.hpp"
#include "text/pipeline/normalizer_json.hpp"
#include "text/pipeline/post_processor_json.hpp"
#include "text/pipeline/pre_tokenizer_json.hpp"
#include "text/pipeline/vocabulary_json.hpp"

namespace stac::text {
namespace {

using Json = nlohmann::json;

AddedToken parse_added_token(const Json& object, const std::string& where) {
  require_object(object, where);
  AddedToken token;
  token.id = parse_id(field(object, "id"), where);
  token.content = string_field(object, "content", where);
  if (token.content.empty()) throw Error(where + ": 'content' is empty");
  token.special = optional_bool(object, "special", where).value_or(false);
  token.lstrip = optional_bool(object, "lstrip", where).value_or(false);
  token.rstrip = optional_bool(object, "rstrip", where).value_or(false);
  token.single_word = optional_bool(object, "single_word", where).value_or(false);
  token.normalized = optional_bool(object, "normalized", where).value_or(!token.special);
  return token;
}

/// @throws stac::Error  the model's vocabulary has the token under another id, or a token stands twice
void check_added_token(const AddedToken& token, const std::vector<AddedToken>& before, const PieceModel& model,
                       const std::string& where) {
  const auto known = model.id_of(token.content);
  if (known && *known != token.id) {
    throw Error(where + ": '" + token.content + "' has id " + std::to_string(token.id) + " but the vocabulary says " +
                std::to_string(*known));
  }
  for (const AddedToken& other : before) {
    if (other.content == token.content) throw Error(where + ": '" + token.content + "' stands twice");
  }
}

std::vector<AddedToken> parse_added_tokens(const Json& list, const PieceModel& model) {
  std::vector<AddedToken> tokens;
  if (list.is_null()) return tokens;
  if (!list.is_array()) throw Error("'added_tokens' must be a list but is " + json_type(list));
  if (list.size() > 20'000) throw Error("'added_tokens' has " + std::to_string(list.size()) + " entries");
  for (const Json& entry : list) {
    const std::string where = "added_tokens[" + std::to_string(tokens.size()) + "]";
    const AddedToken token = parse_added_token(entry, where);
    check_added_token(token, tokens, model, where);
    tokens.push_back(token);
  }
  return tokens;
}

}  // namespace

std::unique_ptr<PipelineTokenizer> load_tokenizer_json(const std::filesystem::path& file) {
  const Json root = io::read_json_file(file);
  return naming_file(file, [&] {
    require_object(root, "the file's content");
    // 'truncation' and 'padding' are for batches of fixed length: transformers ignores them unless asked, and so do we.
    PipelineParts parts{parse_model(field(root, "model"))};
    parts.normalizer = parse_normalizer(field(root, "normalizer"));
    parts.pre_tokenizers = parse_pre_tokenizers(field(root, "pre_tokenizer"));
    parts.decoder = parse_decoder(field(root, "decoder"));
    parts.affixes = parse_post_processor(field(root, "post_processor"));
    parts.added_tokens = parse_added_tokens(field(root, "added_tokens"), *parts.model);
    return std::make_unique<PipelineTokenizer>(std::move(parts));
  });
}

}  // namespace stac::text
