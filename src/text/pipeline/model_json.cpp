#include "text/pipeline/model_json.hpp"

#include "stac/error.hpp"
#include "text/json_fields.hpp"
#include "text/pipeline/bpe_json.hpp"
#include "text/pipeline/unigram_json.hpp"

namespace stac::text {
namespace {

/// Files of the tokenizers library before 0.8 leave the type out; merges, or a list of pieces, tell.
std::string type_of(const nlohmann::json& model) {
  if (const auto type = optional_string(model, "type", "model")) return *type;
  if (model.contains("merges")) return "BPE";
  return field(model, "vocab").is_array() ? "Unigram" : "none";
}

}  // namespace

std::unique_ptr<PieceModel> parse_model(const nlohmann::json& model) {
  require_object(model, "'model'");
  const std::string type = type_of(model);
  if (type == "BPE") return parse_bpe_model(model);
  if (type == "Unigram") return parse_unigram_model(model);
  throw Error("model type '" + type + "' is not supported", "BPE and Unigram are");
}

}  // namespace stac::text
