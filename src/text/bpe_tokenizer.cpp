#include "text/bpe_tokenizer.hpp"

#include <algorithm>

#include "stac/error.hpp"
#include "text/byte_alphabet.hpp"
#include "text/utf8.hpp"

namespace stac::text {
namespace {

class ByteStream : public StreamDecoder {
 public:
  ByteStream(const BpeTokenizer& tokenizer, Specials specials) : tokenizer_(tokenizer), specials_(specials) {}

  std::string push(std::int64_t id) override {
    const std::string& bytes = tokenizer_.bytes(id);
    if (specials_ == Specials::skip && tokenizer_.is_special(id)) return {};
    return assembler_.push(bytes);
  }

  std::string finish() override { return assembler_.finish(); }

 private:
  const BpeTokenizer& tokenizer_;
  Specials specials_;
  Utf8Assembler assembler_;
};

std::vector<AddedToken> with_normalized(const std::vector<AddedToken>& tokens, bool normalized) {
  std::vector<AddedToken> chosen;
  std::copy_if(tokens.begin(), tokens.end(), std::back_inserter(chosen),
               [&](const AddedToken& token) { return token.normalized == normalized; });
  return chosen;
}

}  // namespace

BpeTokenizer::BpeTokenizer(BpeParts parts)
    : model_(std::move(parts.model)),
      normalizer_(std::move(parts.normalizer)),
      pre_tokenizers_(std::move(parts.pre_tokenizers)),
      before_normalizer_(with_normalized(parts.added_tokens, false)),
      after_normalizer_(with_normalized(parts.added_tokens, true)),
      post_processor_adds_bos_(parts.post_processor_adds_bos) {
  for (const auto& [token, id] : model_.vocabulary()) enter(id, token);
  for (const AddedToken& added : parts.added_tokens) {
    enter(added.id, added.content);
    entries_[static_cast<std::size_t>(added.id)].special = added.special;
    added_ids_[added.content] = added.id;
  }
  warn_of_missing_bytes();
}

void BpeTokenizer::enter(std::int64_t id, const std::string& token) {
  const auto index = static_cast<std::size_t>(id);
  if (index >= entries_.size()) entries_.resize(index + 1);
  Entry& entry = entries_[index];
  if (entry.used && entry.token != token) {
    throw Error("id " + std::to_string(id) + " belongs to two pieces, '" + entry.token + "' and '" + token + "'");
  }
  entry = {token, from_byte_alphabet(token), true, entry.special};
}

void BpeTokenizer::warn_of_missing_bytes() {
  int missing = 0;
  for (int byte = 0; byte < 256; ++byte) {
    const char character = static_cast<char>(byte);
    if (!model_.id_of(to_byte_alphabet({&character, 1}))) ++missing;
  }
  if (missing == 0) return;
  add_warning("the vocabulary has no piece for " + std::to_string(missing) +
              " of the 256 bytes: text that needs them loses them");
}

const BpeTokenizer::Entry& BpeTokenizer::entry(std::int64_t id) const {
  if (id < 0 || id >= vocab_size()) {
    throw Error("token id " + std::to_string(id) + " is outside the vocabulary (0 to " +
                std::to_string(vocab_size() - 1) + ")");
  }
  return entries_[static_cast<std::size_t>(id)];
}

bool BpeTokenizer::is_special(std::int64_t id) const {
  return id >= 0 && id < vocab_size() && entries_[static_cast<std::size_t>(id)].special;
}

std::optional<std::int64_t> BpeTokenizer::id_of(std::string_view token) const {
  const auto added = added_ids_.find(std::string(token));
  return added != added_ids_.end() ? added->second : model_.id_of(token);
}

std::vector<std::int64_t> BpeTokenizer::encode(std::string_view text) const {
  const std::string valid = replace_invalid_utf8(text);
  std::vector<std::int64_t> ids;
  for (const Section& section : before_normalizer_.split(valid)) {
    if (section.id) {
      ids.push_back(*section.id);
      continue;
    }
    const std::string normal =
        normalizer_ ? normalizer_->normalize(std::string(section.text)) : std::string(section.text);
    for (const Section& part : after_normalizer_.split(normal)) {
      if (part.id) {
        ids.push_back(*part.id);
      } else {
        encode_words(part.text, ids);
      }
    }
  }
  return ids;
}

void BpeTokenizer::encode_words(std::string_view text, std::vector<std::int64_t>& ids) const {
  std::vector<std::string> words{std::string(text)};
  for (const auto& stage : pre_tokenizers_) words = stage->split(words);
  for (const std::string& word : words) model_.encode(word, ids);
}

std::unique_ptr<StreamDecoder> BpeTokenizer::stream(Specials specials) const {
  return std::make_unique<ByteStream>(*this, specials);
}

}  // namespace stac::text
