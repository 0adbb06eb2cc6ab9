// Text to token ids and back: one interface for every tokenizer that a checkpoint may bring.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stac::text {

/// Whose rules a tokenizer follows.
enum class TokenizerKind {
  tokenizers,    ///< the tokenizers library's: tokenizer.json, or vocab.json with merges.txt
  sentencepiece  ///< the sentencepiece library's: tokenizer.model
};

/// Whether decoded text shows special tokens by their names or leaves them out.
enum class Specials { keep, skip };

/// Special tokens around a text, by their ids.
struct Affixes {
  std::vector<std::int64_t> before, after;
};

/// Text of a growing sequence of ids, never a part of a UTF-8 character. All pushes and the finish together say exactly
/// what Tokenizer::decode says of the same ids. The tokenizer must outlive it.
class StreamDecoder {
 public:
  virtual ~StreamDecoder() = default;

  /// @return the text that is certain now: whole characters; malformed bytes become U+FFFD
  /// @throws stac::Error  the id is negative or not below vocab_size()
  [[nodiscard]] virtual std::string push(std::int64_t id) = 0;

  /// The text held back so far; afterwards the decoder starts anew.
  [[nodiscard]] virtual std::string finish() = 0;
};

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  [[nodiscard]] virtual TokenizerKind kind() const = 0;

  /// Ids of a text as the reference library encodes it, without BOS and EOS. The tokenizers library recognises special
  /// and added tokens in the text; for sentencepiece the names of control pieces are plain text. Malformed UTF-8 counts
  /// as U+FFFD.
  /// @throws stac::Error  a character that the vocabulary cannot say, where it has no piece for unknown ones either
  [[nodiscard]] virtual std::vector<std::int64_t> encode(std::string_view text) const = 0;

  /// Ids of a rendered chat template: as encode(), and the names of special tokens are recognised by every tokenizer.
  [[nodiscard]] virtual std::vector<std::int64_t> encode_chat(std::string_view text) const = 0;

  [[nodiscard]] virtual std::unique_ptr<StreamDecoder> stream(Specials specials) const = 0;

  /// @throws stac::Error  an id is negative or not below vocab_size()
  [[nodiscard]] std::string decode(std::span<const std::int64_t> ids, Specials specials) const;

  /// One more than the largest id.
  [[nodiscard]] virtual std::int64_t vocab_size() const = 0;

  /// The id of a piece or special token as the vocabulary spells it.
  [[nodiscard]] virtual std::optional<std::int64_t> id_of(std::string_view token) const = 0;

  /// The piece as the vocabulary spells it; empty for an id that the vocabulary leaves out.
  /// @throws stac::Error  the id is negative or not below vocab_size()
  [[nodiscard]] virtual std::string token(std::int64_t id) const = 0;
  [[nodiscard]] virtual bool is_special(std::int64_t id) const = 0;

  /// Ids that begin and end a text: tokenizer_config.json's, else special_tokens_map.json's, else the model file's own.
  [[nodiscard]] std::optional<std::int64_t> bos_id() const { return bos_id_; }
  [[nodiscard]] std::optional<std::int64_t> eos_id() const { return eos_id_; }
  void set_bos_id(std::optional<std::int64_t> id) { bos_id_ = id; }
  void set_eos_id(std::optional<std::int64_t> id) { eos_id_ = id; }

  /// What the file's own post-processor puts around every text (encode() never does): BOS and EOS, mostly.
  [[nodiscard]] virtual Affixes affixes() const { return {}; }

  /// What a user should know about the files but that does not stop the work; one sentence each.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  void add_warning(std::string warning) { warnings_.push_back(std::move(warning)); }

 private:
  std::optional<std::int64_t> bos_id_;
  std::optional<std::int64_t> eos_id_;
  std::vector<std::string> warnings_;
};

/// The tokenizer of a checkpoint folder, chosen by the files present: tokenizer.json, then tokenizer.model, then
/// vocab.json with merges.txt.
/// @throws stac::Error  none of these files, or a file that is broken or asks for what is not supported (named)
[[nodiscard]] std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& folder);

/// Whether the folder holds files that load_tokenizer reads a vocabulary from.
[[nodiscard]] bool has_tokenizer(const std::filesystem::path& folder);

}  // namespace stac::text
