// A spiking transformer behind the interface that generation and evaluation use.
#pragma once
#include <memory>
#include <utility>

#include "stac/model/language_model.hpp"
#include "stac/snn/spiking_transformer.hpp"

namespace stac::snn {

/// A sequence whose products are counted.
class SpikingSequence : public model::Sequence {
 public:
  explicit SpikingSequence(std::shared_ptr<const SpikingTransformer> network);

  at::Tensor append(std::span<const std::int64_t> ids, model::LogitRows rows) override;
  [[nodiscard]] std::int64_t length() const override { return state_.length; }
  void reset() override { state_.reset(); }
  void truncate(std::int64_t length) override { network_->truncate(state_, length); }
  void shift(std::int64_t first, std::int64_t count) override { network_->shift(state_, first, count); }

  /// Everything counted since the sequence was started; reset() does not clear it.
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }

 private:
  std::shared_ptr<const SpikingTransformer> network_;
  SequenceState state_;
  Ledger ledger_;
};

class SpikingModel : public model::LanguageModel {
 public:
  explicit SpikingModel(std::shared_ptr<const SpikingTransformer> network) : network_(std::move(network)) {}

  [[nodiscard]] const model::TransformerConfig& config() const override { return network_->config(); }
  [[nodiscard]] std::unique_ptr<model::Sequence> start() const override { return start_spiking(); }
  /// The same, with access to its counts.
  [[nodiscard]] std::unique_ptr<SpikingSequence> start_spiking() const {
    return std::make_unique<SpikingSequence>(network_);
  }
  [[nodiscard]] const SpikingTransformer& network() const { return *network_; }
  [[nodiscard]] const std::shared_ptr<const SpikingTransformer>& shared_network() const { return network_; }

 private:
  std::shared_ptr<const SpikingTransformer> network_;
};

}  // namespace stac::snn
