#include "stac/error.hpp"
#include "stac/text/tokenizer.hpp"
#include "stac/text/tokenizer_config.hpp"
#include "text/sentencepiece_tokenizer.hpp"
#include "text/tokenizer_json.hpp"
#include "text/vocab_merges.hpp"

namespace stac::text {
namespace {

namespace fs = std::filesystem;

enum class Files { none, tokenizer_json, sentencepiece, vocab_and_merges };

Files files_in(const fs::path& folder) {
  const auto has = [&](const char* name) { return fs::is_regular_file(folder / name); };
  if (has("tokenizer.json")) return Files::tokenizer_json;
  if (has("tokenizer.model")) return Files::sentencepiece;
  return has("vocab.json") && has("merges.txt") ? Files::vocab_and_merges : Files::none;
}

std::unique_ptr<Tokenizer> load_by_files(const fs::path& folder, const TokenizerConfig& config) {
  switch (files_in(folder)) {
    case Files::tokenizer_json:
      return load_tokenizer_json(folder / "tokenizer.json");
    case Files::sentencepiece:
      return load_sentencepiece(folder / "tokenizer.model");
    case Files::vocab_and_merges:
      return load_vocab_and_merges(folder / "vocab.json", folder / "merges.txt", config);
    case Files::none:
      break;
  }
  throw Error(folder.string() + ": no tokenizer",
              "put tokenizer.json, tokenizer.model, or vocab.json and merges.txt of the checkpoint there");
}

/// A lone special token before or after every text is the one that begins or ends it.
void take_from_affixes(Tokenizer& tokenizer) {
  const Affixes affixes = tokenizer.affixes();
  if (affixes.before.size() == 1) tokenizer.set_bos_id(affixes.before.front());
  if (affixes.after.size() == 1) tokenizer.set_eos_id(affixes.after.front());
}

}  // namespace

bool has_tokenizer(const fs::path& folder) { return files_in(folder) != Files::none; }

std::unique_ptr<Tokenizer> load_tokenizer(const fs::path& folder) {
  const TokenizerConfig config = load_tokenizer_config(folder);
  std::unique_ptr<Tokenizer> tokenizer = load_by_files(folder, config);
  take_from_affixes(*tokenizer);
  if (const auto bos = config.bos_token()) tokenizer->set_bos_id(tokenizer->id_of(*bos));
  if (const auto eos = config.eos_token()) tokenizer->set_eos_id(tokenizer->id_of(*eos));
  return tokenizer;
}

}  // namespace stac::text
