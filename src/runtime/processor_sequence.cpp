#include "stac/runtime/processor_sequence.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

namespace stac::runtime {

ProcessorSequence::ProcessorSequence(std::shared_ptr<TemporalSpikeProcessor> processor, ConversationId id)
    : processor_(std::move(processor)), id_(std::move(id)) {}

at::Tensor ProcessorSequence::append(std::span<const std::int64_t> ids, model::LogitRows rows) {
  at::Tensor row = at::empty({1, static_cast<std::int64_t>(ids.size())}, at::kLong);
  std::copy(ids.begin(), ids.end(), row.data_ptr<std::int64_t>());
  return processor_->forward(row, std::nullopt, {id_}, UseCache::yes, rows)[0];
}

}  // namespace stac::runtime
