#include "stac/runtime/cached_sequence.hpp"

#include <algorithm>
#include <utility>

namespace stac::runtime {

CachedSequence::CachedSequence(const model::LanguageModel& model)
    : CachedSequence(model.start(), model.config().max_positions) {}

CachedSequence::CachedSequence(std::unique_ptr<model::Sequence> sequence, std::int64_t max_positions)
    : sequence_(std::move(sequence)), max_positions_(max_positions) {}

at::Tensor CachedSequence::append(std::span<const std::int64_t> ids, model::LogitRows rows) {
  ids_.resize(static_cast<std::size_t>(length()));
  try {
    at::Tensor logits = sequence_->append(ids, rows);
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    return logits;
  } catch (...) {
    reset();
    throw;
  }
}

std::int64_t CachedSequence::align(std::span<const std::int64_t> text) {
  ids_.resize(static_cast<std::size_t>(length()));
  const auto same = std::mismatch(ids_.begin(), ids_.end(), text.begin(), text.end()).first - ids_.begin();
  const auto most = text.empty() ? 0 : static_cast<std::int64_t>(text.size()) - 1;
  sequence_->truncate(std::min<std::int64_t>(same, most));
  ids_.resize(static_cast<std::size_t>(sequence_->length()));
  if (!approximate()) shifted_from_.reset();
  return length();
}

void CachedSequence::shift(std::int64_t first, std::int64_t count) {
  ids_.resize(static_cast<std::size_t>(length()));
  sequence_->shift(first, count);
  ids_.erase(ids_.begin() + first, ids_.begin() + first + count);
  shifted_from_ = std::min(first, shifted_from_.value_or(first));
}

void CachedSequence::reset() {
  sequence_->reset();
  ids_.clear();
  shifted_from_.reset();
}

}  // namespace stac::runtime
