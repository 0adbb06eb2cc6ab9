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

namespace stac::text {

using Vocabulary = std::unordered_map<std::string, std::int64_t>;
using Merges = std::vector<std::pair<std::string, std::string>>;

struct BpeOptions {
  std::optional<std::string> unk_token;  ///< for characters without a piece; without it they are left out
  bool fuse_unk = false;                 ///< neighbouring unknown characters become one unk_token
};

class BpeModel {
 public:
  /// @param merges  by rank, the first is applied first
  /// @throws stac::Error  a merge of pieces, or into a piece, that the vocabulary does not have; unk_token unknown
  BpeModel(Vocabulary vocabulary, const Merges& merges, const BpeOptions& options);

  /// Appends the ids of one word, O(n log n) in its characters.
  /// @param word  valid UTF-8
  void encode(std::string_view word, std::vector<std::int64_t>& ids) const;

  [[nodiscard]] const Vocabulary& vocabulary() const { return vocabulary_; }
  [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view token) const;

 private:
  struct Merge {
    std::uint32_t rank;
    std::uint32_t id;
  };
  struct Symbol;
  struct Candidate;
  class Word;

  [[nodiscard]] std::uint32_t piece(const std::string& token, std::size_t rank) const;
  [[nodiscard]] const Merge* merge_of(std::uint32_t left, std::uint32_t right) const;
  [[nodiscard]] std::vector<Symbol> symbols_of(std::string_view word) const;

  Vocabulary vocabulary_;
  std::unordered_map<std::uint64_t, Merge> merges_;
  std::optional<std::uint32_t> unk_id_;
  bool fuse_unk_;
};

}  // namespace stac::text
