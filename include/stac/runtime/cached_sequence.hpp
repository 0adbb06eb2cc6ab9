// A sequence together with the ids that it has read, so that a text which goes on is not read twice.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "stac/model/language_model.hpp"

namespace stac::runtime {

class CachedSequence {
 public:
  /// A new sequence of `model`, which must outlive it.
  explicit CachedSequence(const model::LanguageModel& model);

  /// @param sequence       empty; owned from here on
  /// @param max_positions  tokens that it reads at most: its model's positions, or fewer
  CachedSequence(std::unique_ptr<model::Sequence> sequence, std::int64_t max_positions);

  /// What is cached. Of a processor's sequence that a budget cost its place: nothing.
  [[nodiscard]] std::vector<std::int64_t> ids() const { return {ids_.begin(), ids_.begin() + length()}; }
  [[nodiscard]] std::int64_t length() const {
    return std::min(static_cast<std::int64_t>(ids_.size()), sequence_->length());
  }
  [[nodiscard]] std::int64_t max_positions() const { return max_positions_; }
  /// Tokens that can still be read.
  [[nodiscard]] std::int64_t room() const { return max_positions_ - length(); }

  /// Reads further tokens; see model::Sequence::append.
  /// @throws stac::Error  as the sequence does; everything is forgotten then, since it may have failed half-way
  at::Tensor append(std::span<const std::int64_t> ids, model::LogitRows rows);

  /// Makes ready to read `text`: what is cached stays as far as the text begins with it, and the rest is forgotten. At
  /// least the text's last id is left to read, since the logits behind cached ids are not kept.
  /// @return how many ids of `text` are cached now
  std::int64_t align(std::span<const std::int64_t> text);

  /// Forgets the ids first .. first + count - 1 and keeps what is cached of those behind them: an approximation.
  /// @throws stac::UsageError  see model::Sequence::shift
  void shift(std::int64_t first, std::int64_t count);
  /// Whether something is cached that a shift left there, and not what a reading of ids() would give.
  [[nodiscard]] bool approximate() const { return shifted_from_ && length() > *shifted_from_; }

  void reset();

 private:
  std::unique_ptr<model::Sequence> sequence_;
  std::int64_t max_positions_;
  std::vector<std::int64_t> ids_;             ///< read and, as far as the sequence is that long, still cached
  std::optional<std::int64_t> shifted_from_;  ///< first id behind a shift
};

}  // namespace stac::runtime
