#include "stac/eval/check_parts.hpp"

namespace stac::eval {
namespace {

class OwnProcessor final : public Processor {
 public:
  OwnProcessor(const snn::SpikingModel& model, const runtime::ProcessorOptions& options) : inner_(model, options) {}

  at::Tensor forward(const at::Tensor& input_ids, const std::optional<at::Tensor>& attention_mask,
                     const std::vector<runtime::ConversationId>& conversations, runtime::UseCache use_cache) override {
    return inner_.forward(input_ids, attention_mask, conversations, use_cache);
  }
  void reset_cache() override { inner_.reset_cache(); }
  void truncate(const runtime::ConversationId& id, std::int64_t length) override { inner_.truncate(id, length); }
  [[nodiscard]] at::Tensor position_ids() const override { return inner_.position_ids(); }
  [[nodiscard]] at::Tensor attention_mask() const override { return inner_.attention_mask(); }
  [[nodiscard]] std::int64_t cached_length(const runtime::ConversationId& id) const override {
    return inner_.cached_length(id);
  }
  [[nodiscard]] const snn::Ledger& ledger() const override { return inner_.ledger(); }

 private:
  runtime::TemporalSpikeProcessor inner_;
};

}  // namespace

std::unique_ptr<Processor> make_processor(const snn::SpikingModel& model, const runtime::ProcessorOptions& options) {
  return std::make_unique<OwnProcessor>(model, options);
}

}  // namespace stac::eval
