// tokenizer.model: sentencepiece BPE and unigram models, through the sentencepiece library.
#pragma once
#include <filesystem>
#include <memory>

#include "stac/text/tokenizer.hpp"
#include "text/added_tokens.hpp"
#include "text/sentencepiece_model.hpp"

namespace stac::text {

/// How the library drops blanks at the beginning of a text that it decodes.
struct LeadingBlanks {
  bool drops_first = false;  ///< the mark that begins the first visible piece
  bool drops_more = false;   ///< and, where that left nothing, the next one's too
};

class SentencePieceTokenizer : public Tokenizer {
 public:
  /// @param serialized  the model file's content
  /// @throws stac::Error  not a sentencepiece model
  explicit SentencePieceTokenizer(const std::string& serialized);

  [[nodiscard]] TokenizerKind kind() const override { return TokenizerKind::sentencepiece; }
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override;
  [[nodiscard]] std::vector<std::int64_t> encode_chat(std::string_view text) const override;
  [[nodiscard]] std::unique_ptr<StreamDecoder> stream(Specials specials) const override;
  [[nodiscard]] std::int64_t vocab_size() const override { return model_->size(); }
  [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view token) const override;
  [[nodiscard]] std::string token(std::int64_t id) const override { return model_->piece(checked(id)); }
  [[nodiscard]] bool is_special(std::int64_t id) const override;

  [[nodiscard]] const SentencePieceModel& model() const { return *model_; }
  [[nodiscard]] LeadingBlanks leading_blanks() const { return leading_blanks_; }

  /// @throws stac::Error  outside the vocabulary
  [[nodiscard]] int checked(std::int64_t id) const;

 private:
  [[nodiscard]] LeadingBlanks probe_leading_blanks() const;
  [[nodiscard]] std::vector<AddedToken> control_pieces() const;

  std::unique_ptr<SentencePieceModel> model_;
  std::unique_ptr<AddedTokenFinder> controls_;
  LeadingBlanks leading_blanks_;
};

/// @throws stac::Error naming the file: not a sentencepiece model
[[nodiscard]] std::unique_ptr<Tokenizer> load_sentencepiece(const std::filesystem::path& file);

}  // namespace stac::text
