// Unigram: the pieces whose scores add up to the most.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "text/pipeline/piece_model.hpp"
#include "text/pipeline/prefix_index.hpp"

namespace stac::text {

/// A piece and its score, about the logarithm of its probability.
using ScoredPiece = std::pair<std::string, double>;

struct UnigramOptions {
  std::optional<std::int64_t> unk_id;  ///< for characters without a piece; neighbours become one
  bool byte_fallback = false;          ///< they are spelled by pieces <0x00> to <0xFF> instead
};

class UnigramModel : public PieceModel {
 public:
  /// @param pieces  by id
  /// @throws stac::Error  a piece stands twice, unk_id is none of theirs
  UnigramModel(const std::vector<ScoredPiece>& pieces, const UnigramOptions& options);

  UnigramModel(const UnigramModel&) = delete;  // its index points into its vocabulary
  UnigramModel& operator=(const UnigramModel&) = delete;

  /// Viterbi's best path over the word's bytes, from left to right; of equal paths, the one found first. An unknown
  /// character scores 10 less than the worst piece.
  /// Source: T. Kudo, "Subword Regularization", 2018, section 3.2; sentencepiece, unigram_model.cc.
  void encode(std::string_view word, std::vector<std::int64_t>& ids) const override;

  [[nodiscard]] const Vocabulary& vocabulary() const override { return vocabulary_; }

 private:
  struct Node;

  [[nodiscard]] std::vector<Node> best_path(std::string_view word) const;
  void append_id(std::string_view piece, std::vector<std::int64_t>& ids) const;
  [[nodiscard]] std::int64_t unknown_id(std::string_view text) const;

  Vocabulary vocabulary_;
  std::vector<double> scores_;
  std::optional<PrefixIndex> index_;
  double unknown_score_;
  std::optional<std::int64_t> unk_id_;
  std::optional<BytePieces> byte_pieces_;
};

}  // namespace stac::text
