// A BPE tokenizer: added tokens, pre-tokenizer stages and merges, put together.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "stac/text/tokenizer.hpp"
#include "text/added_tokens.hpp"
#include "text/bpe_model.hpp"
#include "text/normalizer.hpp"
#include "text/pre_tokenizer.hpp"

namespace stac::text {

struct BpeParts {
  BpeModel model;
  std::vector<AddedToken> added_tokens;
  std::unique_ptr<Normalizer> normalizer;  ///< may be null
  std::vector<std::unique_ptr<PreTokenizer>> pre_tokenizers;
  bool post_processor_adds_bos = false;
};

class BpeTokenizer : public Tokenizer {
 public:
  /// @throws stac::Error  an added token's id belongs to another piece, or two pieces share one
  explicit BpeTokenizer(BpeParts parts);

  [[nodiscard]] TokenizerKind kind() const override { return TokenizerKind::byte_level_bpe; }
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override;
  [[nodiscard]] std::vector<std::int64_t> encode_chat(std::string_view text) const override { return encode(text); }
  [[nodiscard]] std::unique_ptr<StreamDecoder> stream(Specials specials) const override;
  [[nodiscard]] std::int64_t vocab_size() const override { return static_cast<std::int64_t>(entries_.size()); }
  [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view token) const override;
  [[nodiscard]] std::string token(std::int64_t id) const override { return entry(id).token; }
  [[nodiscard]] bool is_special(std::int64_t id) const override;
  [[nodiscard]] bool post_processor_adds_bos() const override { return post_processor_adds_bos_; }

  /// The bytes that an id stands for: not always whole characters.
  [[nodiscard]] const std::string& bytes(std::int64_t id) const { return entry(id).bytes; }

 private:
  struct Entry {
    std::string token;
    std::string bytes;
    bool used = false;
    bool special = false;
  };

  [[nodiscard]] const Entry& entry(std::int64_t id) const;
  void enter(std::int64_t id, const std::string& token);
  void warn_of_missing_bytes();
  void encode_words(std::string_view text, std::vector<std::int64_t>& ids) const;

  BpeModel model_;
  std::unique_ptr<Normalizer> normalizer_;
  std::vector<std::unique_ptr<PreTokenizer>> pre_tokenizers_;
  std::unordered_map<std::string, std::int64_t> added_ids_;
  AddedTokenFinder before_normalizer_;
  AddedTokenFinder after_normalizer_;
  std::vector<Entry> entries_;
  bool post_processor_adds_bos_;
};

}  // namespace stac::text
