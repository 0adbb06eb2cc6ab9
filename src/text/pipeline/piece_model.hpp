// The model in the middle of a tokenizer: breaks words into the pieces of its vocabulary.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace stac::text {

using Vocabulary = std::unordered_map<std::string, std::int64_t>;

class PieceModel {
 public:
  virtual ~PieceModel() = default;

  /// Appends the ids of one word.
  /// @param word  valid UTF-8, not empty
  /// @throws stac::Error  a character has no piece, and the model none for unknown ones
  virtual void encode(std::string_view word, std::vector<std::int64_t>& ids) const = 0;

  [[nodiscard]] virtual const Vocabulary& vocabulary() const = 0;
  [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view token) const;
};

/// "<0xE2>", which stands for one byte.
[[nodiscard]] std::string byte_piece(unsigned char byte);

/// The byte that a piece stands for; nothing for other pieces. Small digits count, too.
[[nodiscard]] std::optional<unsigned char> byte_of_piece(std::string_view piece);

/// The pieces <0x00> to <0xFF> of a vocabulary, as far as it has them.
class BytePieces {
 public:
  explicit BytePieces(const PieceModel& model);

  /// Appends the ids of the text's bytes. @return false, and nothing appended, where one of them has no piece
  [[nodiscard]] bool spell(std::string_view text, std::vector<std::int64_t>& ids) const;

 private:
  std::array<std::int64_t, 256> ids_;  // -1: no piece
};

}  // namespace stac::text
