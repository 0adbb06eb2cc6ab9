// A tokenizer of the tokenizers library's make: added tokens, normalizer, pre-tokenizers, model and decoder, put
// together.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "stac/text/tokenizer.hpp"
#include "text/added_tokens.hpp"
#include "text/pipeline/decoder.hpp"
#include "text/pipeline/normalizer.hpp"
#include "text/pipeline/piece_model.hpp"
#include "text/pipeline/pre_tokenizer.hpp"

namespace stac::text {

struct PipelineParts {
  std::unique_ptr<const PieceModel> model;
  std::vector<AddedToken> added_tokens = {};
  std::unique_ptr<const Normalizer> normalizer = nullptr;  ///< may be null
  std::vector<std::unique_ptr<const PreTokenizer>> pre_tokenizers = {};
  Decoder decoder = {};
  Affixes affixes = {};
};

class PipelineTokenizer : public Tokenizer {
 public:
  /// @throws stac::Error  an added token's id belongs to another piece, two pieces share one, a component that does
  ///                      not work behind another (named)
  explicit PipelineTokenizer(PipelineParts parts);

  [[nodiscard]] TokenizerKind kind() const override { return TokenizerKind::tokenizers; }
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override;
  [[nodiscard]] std::vector<std::int64_t> encode_chat(std::string_view text) const override { return encode(text); }
  [[nodiscard]] std::unique_ptr<StreamDecoder> stream(Specials specials) const override;
  [[nodiscard]] std::int64_t vocab_size() const override { return static_cast<std::int64_t>(entries_.size()); }
  [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view token) const override;
  [[nodiscard]] std::string token(std::int64_t id) const override { return entry(id).token; }
  [[nodiscard]] bool is_special(std::int64_t id) const override;
  [[nodiscard]] Affixes affixes() const override { return affixes_; }

 private:
  class Stream;
  struct Entry {
    std::string token;
    std::string spoken;  // what the decoder is given: an added token as the normalizer writes it
    bool used = false;
    bool special = false;
  };

  [[nodiscard]] const Entry& entry(std::int64_t id) const;
  void enter(std::int64_t id, const std::string& token);
  void add(const std::vector<AddedToken>& tokens);
  void require_place_known() const;
  void warn_of_missing_bytes();
  [[nodiscard]] std::string normalized(std::string_view text) const;
  void encode_words(std::string_view text, Place place, std::vector<std::int64_t>& ids) const;

  std::unique_ptr<const PieceModel> model_;
  std::unique_ptr<const Normalizer> normalizer_;
  std::vector<std::unique_ptr<const PreTokenizer>> pre_tokenizers_;
  Decoder decoder_;
  Affixes affixes_;
  std::unordered_map<std::string, std::int64_t> added_ids_;
  AddedTokenFinder before_normalizer_;
  AddedTokenFinder after_normalizer_;
  std::vector<Entry> entries_;
};

}  // namespace stac::text
