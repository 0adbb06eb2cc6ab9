// One conversation of a processor as a sequence that generation reads from.
#pragma once
#include <memory>
#include <string>

#include "stac/model/language_model.hpp"
#include "stac/runtime/temporal_spike_processor.hpp"

namespace stac::runtime {

/// The processor may drop the conversation for its budget: length() is 0 then, and whoever has the text reads it again
/// (CachedSequence does).
class ProcessorSequence final : public model::Sequence {
 public:
  /// @param processor  shared with other conversations, none of which may have this id
  ProcessorSequence(std::shared_ptr<TemporalSpikeProcessor> processor, ConversationId id);

  /// @throws stac::Error  also where the conversation alone exceeds the processor's budget
  at::Tensor append(std::span<const std::int64_t> ids, model::LogitRows rows) override;
  [[nodiscard]] std::int64_t length() const override { return processor_->cached_length(id_); }
  void reset() override { processor_->reset_cache(id_); }
  void truncate(std::int64_t length) override { processor_->truncate(id_, length); }
  void shift(std::int64_t first, std::int64_t count) override { processor_->shift(id_, first, count); }

 private:
  std::shared_ptr<TemporalSpikeProcessor> processor_;
  ConversationId id_;
};

}  // namespace stac::runtime
