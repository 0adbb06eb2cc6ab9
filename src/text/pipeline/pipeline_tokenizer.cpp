#include "text/pipeline/pipeline_tokenizer.hpp"

#include <algorithm>

#include "stac/error.hpp"
#include "text/pipeline/byte_alphabet.hpp"
#include "text/utf8.hpp"

namespace stac::text {
namespace {

/// @throws stac::Error  the normalizer leaves nothing of an added token, or makes it the same as another one
void require_findable(const AddedToken& token, const std::vector<AddedToken>& others) {
  if (token.content.empty())
    throw Error("the normalizer leaves nothing of the added token " + std::to_string(token.id));
  const auto same = std::find_if(others.begin(), others.end(),
                                 [&](const AddedToken& other) { return other.content == token.content; });
  if (same == others.end()) return;
  throw Error("the normalizer makes the added tokens " + std::to_string(same->id) + " and " + std::to_string(token.id) +
              " the same: '" + token.content + "'");
}

}  // namespace

class PipelineTokenizer::Stream : public StreamDecoder {
 public:
  Stream(const PipelineTokenizer& tokenizer, Specials specials)
      : tokenizer_(tokenizer), specials_(specials), decoding_(tokenizer.decoder_.start()) {}

  std::string push(std::int64_t id) override {
    const Entry& entry = tokenizer_.entry(id);
    if (!entry.used || (specials_ == Specials::skip && entry.special)) return {};
    return decoding_.push(entry.spoken);
  }

  std::string finish() override {
    std::string text = decoding_.finish();
    decoding_ = tokenizer_.decoder_.start();
    return text;
  }

 private:
  const PipelineTokenizer& tokenizer_;
  Specials specials_;
  Decoding decoding_;
};

PipelineTokenizer::PipelineTokenizer(PipelineParts parts)
    : model_(std::move(parts.model)),
      normalizer_(std::move(parts.normalizer)),
      pre_tokenizers_(std::move(parts.pre_tokenizers)),
      decoder_(std::move(parts.decoder)),
      affixes_(std::move(parts.affixes)),
      before_normalizer_({}),
      after_normalizer_({}) {
  require_place_known();
  for (const auto& [token, id] : model_->vocabulary()) enter(id, token);
  add(parts.added_tokens);
  warn_of_missing_bytes();
}

/// A normalized token is looked for as the normalizer writes it.
void PipelineTokenizer::add(const std::vector<AddedToken>& tokens) {
  std::vector<AddedToken> before;
  std::vector<AddedToken> after;
  for (const AddedToken& token : tokens) {
    enter(token.id, token.content);
    Entry& entry = entries_[static_cast<std::size_t>(token.id)];
    entry.special = token.special;
    added_ids_[token.content] = token.id;
    AddedToken looked_for = token;
    if (token.normalized) looked_for.content = entry.spoken = normalized(token.content);
    std::vector<AddedToken>& side = token.normalized ? after : before;
    require_findable(looked_for, side);
    side.push_back(std::move(looked_for));
  }
  before_normalizer_ = AddedTokenFinder(std::move(before));
  after_normalizer_ = AddedTokenFinder(std::move(after));
}

void PipelineTokenizer::enter(std::int64_t id, const std::string& token) {
  const auto index = static_cast<std::size_t>(id);
  if (index >= entries_.size()) entries_.resize(index + 1);
  Entry& entry = entries_[index];
  if (entry.used && entry.token != token) {
    throw Error("id " + std::to_string(id) + " belongs to two pieces, '" + entry.token + "' and '" + token + "'");
  }
  entry = {token, token, true, entry.special};
}

/// A stage that minds its place is told where a text begins, which stages before it or a normalizer may move.
void PipelineTokenizer::require_place_known() const {
  for (std::size_t i = 0; i < pre_tokenizers_.size(); ++i) {
    if (!pre_tokenizers_[i]->minds_place()) continue;
    const bool moved = i > 0 || (normalizer_ && !normalizer_->keeps_begin());
    if (!moved) continue;
    throw Error("pre_tokenizer Metaspace with prepend_scheme 'first' is not supported behind " +
                std::string(i > 0 ? "another pre_tokenizer" : "a normalizer that changes where a text begins"));
  }
}

void PipelineTokenizer::warn_of_missing_bytes() {
  const bool needs_all = std::any_of(pre_tokenizers_.begin(), pre_tokenizers_.end(),
                                     [](const auto& stage) { return stage->writes_byte_alphabet(); });
  if (!needs_all) return;
  int missing = 0;
  for (int byte = 0; byte < 256; ++byte) {
    const char character = static_cast<char>(byte);
    if (!model_->id_of(to_byte_alphabet({&character, 1}))) ++missing;
  }
  if (missing == 0) return;
  add_warning("the vocabulary has no piece for " + std::to_string(missing) +
              " of the 256 bytes: text that needs them loses them");
}

const PipelineTokenizer::Entry& PipelineTokenizer::entry(std::int64_t id) const {
  if (id < 0 || id >= vocab_size()) {
    throw Error("token id " + std::to_string(id) + " is outside the vocabulary (0 to " +
                std::to_string(vocab_size() - 1) + ")");
  }
  return entries_[static_cast<std::size_t>(id)];
}

bool PipelineTokenizer::is_special(std::int64_t id) const {
  return id >= 0 && id < vocab_size() && entries_[static_cast<std::size_t>(id)].special;
}

std::optional<std::int64_t> PipelineTokenizer::id_of(std::string_view token) const {
  const auto added = added_ids_.find(std::string(token));
  return added != added_ids_.end() ? added->second : model_->id_of(token);
}

std::string PipelineTokenizer::normalized(std::string_view text) const {
  return normalizer_ ? normalizer_->normalize(text) : std::string(text);
}

std::vector<std::int64_t> PipelineTokenizer::encode(std::string_view text) const {
  const std::string valid = replace_invalid_utf8(text);
  std::vector<std::int64_t> ids;
  std::size_t done = 0;
  for (const Section& section : before_normalizer_.split(valid)) {
    const bool first = done == 0;
    done += section.text.size();
    if (section.id) {
      ids.push_back(*section.id);
      continue;
    }
    const std::string normal = normalized(section.text);
    Place place = first ? Place::begin_of_text : Place::within_text;
    for (const Section& part : after_normalizer_.split(normal)) {
      if (part.id) {
        ids.push_back(*part.id);
      } else {
        encode_words(part.text, place, ids);
      }
      place = Place::within_text;
    }
  }
  return ids;
}

void PipelineTokenizer::encode_words(std::string_view text, Place place, std::vector<std::int64_t>& ids) const {
  std::vector<std::string> words{std::string(text)};
  for (const auto& stage : pre_tokenizers_) words = stage->split(words, place);
  for (const std::string& word : words) model_->encode(word, ids);
}

std::unique_ptr<StreamDecoder> PipelineTokenizer::stream(Specials specials) const {
  return std::make_unique<Stream>(*this, specials);
}

}  // namespace stac::text
