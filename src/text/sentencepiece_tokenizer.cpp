#include "text/sentencepiece_tokenizer.hpp"

#include "stac/error.hpp"
#include "stac/io/json_file.hpp"
#include "text/json_messages.hpp"
#include "text/sentencepiece_stream.hpp"

namespace stac::text {
namespace {

constexpr std::size_t largest_model = std::size_t{64} << 20;

std::optional<std::int64_t> defined(int id) { return id < 0 ? std::nullopt : std::optional<std::int64_t>(id); }

}  // namespace

SentencePieceTokenizer::SentencePieceTokenizer(const std::string& serialized)
    : model_(open_sentencepiece_model(serialized)) {
  controls_ = std::make_unique<AddedTokenFinder>(control_pieces());
  leading_blanks_ = probe_leading_blanks();
  set_bos_id(defined(model_->bos_id()));
  set_eos_id(defined(model_->eos_id()));
}

std::vector<AddedToken> SentencePieceTokenizer::control_pieces() const {
  std::vector<AddedToken> tokens;
  for (int id = 0; id < model_->size(); ++id) {
    if (!model_->is_control(id) || model_->piece(id).empty()) continue;
    AddedToken token;
    token.id = id;
    token.content = model_->piece(id);
    token.special = true;
    tokens.push_back(token);
  }
  return tokens;
}

/// The library does not tell how its model treats leading blanks, so it is asked to decode some.
LeadingBlanks SentencePieceTokenizer::probe_leading_blanks() const {
  const auto is_normal = [&](int id) {
    return !model_->is_control(id) && !model_->is_unknown(id) && !model_->is_byte(id);
  };
  LeadingBlanks rule;
  int word = -1;   // a piece of the mark and more
  int blank = -1;  // the mark alone
  for (int id = 0; id < model_->size() && (word < 0 || blank < 0); ++id) {
    if (!is_normal(id) || !model_->piece(id).starts_with(blank_mark)) continue;
    (model_->piece(id).size() > blank_mark.size() ? word : blank) = id;
  }
  if (word >= 0) rule.drops_first = !model_->decode({word}).starts_with(' ');
  if (blank >= 0) {
    rule.drops_first = model_->decode({blank}).empty();
    rule.drops_more = rule.drops_first && model_->decode({blank, blank}).empty();
  }
  return rule;
}

int SentencePieceTokenizer::checked(std::int64_t id) const {
  if (id < 0 || id >= vocab_size()) {
    throw Error("token id " + std::to_string(id) + " is outside the vocabulary (0 to " +
                std::to_string(vocab_size() - 1) + ")");
  }
  return static_cast<int>(id);
}

std::vector<std::int64_t> SentencePieceTokenizer::encode(std::string_view text) const {
  const std::vector<int> ids = model_->encode(text);
  return {ids.begin(), ids.end()};
}

std::vector<std::int64_t> SentencePieceTokenizer::encode_chat(std::string_view text) const {
  std::vector<std::int64_t> ids;
  for (const Section& section : controls_->split(text)) {
    if (section.id) {
      ids.push_back(*section.id);
      continue;
    }
    const std::vector<std::int64_t> part = encode(section.text);
    ids.insert(ids.end(), part.begin(), part.end());
  }
  return ids;
}

std::unique_ptr<StreamDecoder> SentencePieceTokenizer::stream(Specials specials) const {
  return std::make_unique<SentencePieceStream>(*this, specials);
}

std::optional<std::int64_t> SentencePieceTokenizer::id_of(std::string_view token) const {
  const int id = model_->id_of(token);
  // The library answers with the id of "unknown" for pieces that it does not have.
  if (id < 0 || id >= vocab_size() || model_->piece(id) != token) return std::nullopt;
  return id;
}

bool SentencePieceTokenizer::is_special(std::int64_t id) const {
  return id >= 0 && id < vocab_size() && model_->is_control(static_cast<int>(id));
}

std::unique_ptr<Tokenizer> load_sentencepiece(const std::filesystem::path& file) {
  const std::string serialized = io::read_text_file(file, largest_model);
  return naming_file(file, [&] { return std::make_unique<SentencePieceTokenizer>(serialized); });
}

}  // namespace stac::text
