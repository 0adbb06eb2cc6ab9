// A sequence together with the ids that it has read, so that a text which goes on is not read twice.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "stac/model/language_model.hpp"

namespace stac::runtime {

class CachedSequence {
 public:
  /// A new sequence of `model`, which must outlive it.
  explicit CachedSequence(const model::LanguageModel& model);

  /// @param sequence       empty; owned from here on
  /// @param max_positions  of its model
  CachedSequence(std::unique_ptr<model::Sequence> sequence, std::int64_t max_positions);

  [[nodiscard]] const std::vector<std::int64_t>& ids() const { return ids_; }
  [[nodiscard]] std::int64_t length() const { return static_cast<std::int64_t>(ids_.size()); }
  [[nodiscard]] std::int64_t max_positions() const { return max_positions_; }
  /// Tokens that can still be read.
  [[nodiscard]] std::int64_t room() const { return max_positions_ - length(); }

  /// Reads further tokens; see model::Sequence::append.
  /// @throws stac::Error  as the sequence does; everything is forgotten then, since it may have failed half-way
  at::Tensor append(std::span<const std::int64_t> ids, model::LogitRows rows);

  /// Makes ready to read `text`: what is cached stays if it is a proper beginning of the text, else it is forgotten (a
  /// cache cannot be cut back, and the logits after its last id are not kept).
  /// @return how many ids of `text` are cached now
  std::int64_t align(std::span<const std::int64_t> text);

  void reset();

 private:
  std::unique_ptr<model::Sequence> sequence_;
  std::int64_t max_positions_;
  std::vector<std::int64_t> ids_;
};

}  // namespace stac::runtime
