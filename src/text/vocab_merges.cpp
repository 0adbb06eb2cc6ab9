#include "text/vocab_merges.hpp"

#include <sstream>

#include "stac/error.hpp"
#include "stac/io/json_file.hpp"
#include "text/json_messages.hpp"
#include "text/pipeline/bpe_model.hpp"
#include "text/pipeline/byte_level.hpp"
#include "text/pipeline/decoding_stages.hpp"
#include "text/pipeline/vocabulary_json.hpp"

namespace stac::text {
namespace {

constexpr const char* end_of_text = "<|endoftext|>";
constexpr std::size_t largest_merges = std::size_t{48} << 20;

Merges read_merges(const std::filesystem::path& file) {
  std::istringstream lines(io::read_text_file(file, largest_merges));
  Merges merges;
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.starts_with("#version")) continue;
    merges.push_back(parse_merge(line, file.string() + ": line " + std::to_string(number)));
  }
  return merges;
}

std::vector<AddedToken> special_tokens(const PieceModel& model) {
  std::vector<AddedToken> tokens;
  const auto id = model.id_of(end_of_text);
  if (!id) return tokens;
  AddedToken token;
  token.id = *id;
  token.content = end_of_text;
  token.special = true;
  tokens.push_back(token);
  return tokens;
}

}  // namespace

std::unique_ptr<PipelineTokenizer> load_vocab_and_merges(const std::filesystem::path& vocab,
                                                         const std::filesystem::path& merges,
                                                         const TokenizerConfig& config) {
  const nlohmann::json object = io::read_json_file(vocab);
  Vocabulary vocabulary = naming_file(vocab, [&] { return parse_vocabulary(object, "the vocabulary"); });
  const Merges ranked = read_merges(merges);
  PipelineParts parts{naming_file(
      merges, [&] { return std::make_unique<const BpeModel>(std::move(vocabulary), ranked, BpeOptions()); })};
  parts.added_tokens = special_tokens(*parts.model);
  ByteLevelOptions byte_level;
  byte_level.add_prefix_space = config.add_prefix_space.value_or(false);
  parts.pre_tokenizers.push_back(std::make_unique<ByteLevel>(byte_level));
  parts.decoder.add([] { return std::make_unique<ByteLevelDecoding>(); });
  auto tokenizer = std::make_unique<PipelineTokenizer>(std::move(parts));
  tokenizer->set_bos_id(tokenizer->id_of(end_of_text));
  tokenizer->set_eos_id(tokenizer->id_of(end_of_text));
  return tokenizer;
}

}  // namespace stac::text
