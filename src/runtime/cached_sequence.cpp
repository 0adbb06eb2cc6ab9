#include "stac/runtime/cached_sequence.hpp"

#include <algorithm>
#include <utility>

namespace stac::runtime {

CachedSequence::CachedSequence(const model::LanguageModel& model)
    : CachedSequence(model.start(), model.config().max_positions) {}

CachedSequence::CachedSequence(std::unique_ptr<model::Sequence> sequence, std::int64_t max_positions)
    : sequence_(std::move(sequence)), max_positions_(max_positions) {}

at::Tensor CachedSequence::append(std::span<const std::int64_t> ids, model::LogitRows rows) {
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
  const bool begins_text = ids_.size() < text.size() && std::equal(ids_.begin(), ids_.end(), text.begin());
  if (!begins_text) reset();
  return length();
}

void CachedSequence::reset() {
  sequence_->reset();
  ids_.clear();
}

}  // namespace stac::runtime
