// Byte-pair encoding of one word, by the ranks of its merges.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/pipeline/piece_model.hpp"

namespace stac::text {

using Merges = std::vector<std::pair<std::string, std::string>>;

struct BpeOptions {
  std::optional<std::string> unk_token;  ///< for characters without a piece; without it they are left out
  bool fuse_unk = false;                 ///< neighbouring unknown characters become one unk_token
  bool byte_fallback = false;            ///< a character without a piece is spelled by pieces <0x00> to <0xFF>
  bool ignore_merges = false;            ///< a word that is a piece is taken whole, whatever its merges give
};

class BpeModel : public PieceModel {
 public:
  /// @param merges  by rank, the first is applied first
  /// @throws stac::Error  a merge of pieces, or into a piece, that the vocabulary does not have; unk_token unknown
  BpeModel(Vocabulary vocabulary, const Merges& merges, const BpeOptions& options);

  /// O(n log n) in the word's characters.
  void encode(std::string_view word, std::vector<std::int64_t>& ids) const override;

  [[nodiscard]] const Vocabulary& vocabulary() const override { return vocabulary_; }

 private:
  struct Merge {
    std::uint32_t rank;
    std::uint32_t id;
  };
  struct Symbol;
  struct Candidate;
  class Word;
  class Symbols;

  [[nodiscard]] std::uint32_t piece(const std::string& token, std::size_t rank) const;
  [[nodiscard]] const Merge* merge_of(std::uint32_t left, std::uint32_t right) const;
  [[nodiscard]] std::vector<Symbol> symbols_of(std::string_view word) const;

  Vocabulary vocabulary_;
  std::unordered_map<std::uint64_t, Merge> merges_;
  std::optional<std::uint32_t> unk_id_;
  bool fuse_unk_;
  bool ignore_merges_;
  std::optional<BytePieces> byte_pieces_;
};

}  // namespace stac::text
