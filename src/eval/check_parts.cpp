#include "stac/eval/check_parts.hpp"

namespace stac::eval {
namespace {

class OwnProcessor final : public Processor {
 public:
  explicit OwnProcessor(const snn::SpikingModel& model) : inner_(model) {}

  at::Tensor forward(const at::Tensor& input_ids, const std::optional<at::Tensor>& attention_mask,
                     runtime::UseCache use_cache) override {
    return inner_.forward(input_ids, attention_mask, use_cache);
  }
  void reset_cache() override { inner_.reset_cache(); }
  [[nodiscard]] at::Tensor position_ids() const override { return inner_.position_ids(); }
  [[nodiscard]] std::int64_t cached_length(std::int64_t row) const override { return inner_.cached_length(row); }
  [[nodiscard]] const snn::Ledger& ledger() const override { return inner_.ledger(); }

 private:
  runtime::TemporalSpikeProcessor inner_;
};

}  // namespace

std::unique_ptr<Processor> make_processor(const snn::SpikingModel& model) {
  return std::make_unique<OwnProcessor>(model);
}

}  // namespace stac::eval
