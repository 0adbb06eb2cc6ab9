// A checkpoint as a language model: dense, untouched, the reference that every spiking figure is held against.
#pragma once
#include "stac/model/decoder.hpp"
#include "stac/model/language_model.hpp"
#include "stac/model/weights.hpp"

namespace stac::model {

class DenseModel final : public LanguageModel {
 public:
  /// Shares the storage of `weights`.
  DenseModel(const TransformerConfig& config, const TransformerWeights& weights);

  [[nodiscard]] const TransformerConfig& config() const override { return network_->config(); }
  [[nodiscard]] std::unique_ptr<Sequence> start() const override;

  /// For batches; a Sequence is one row.
  [[nodiscard]] const Decoder& network() const { return network_; }

 private:
  Decoder network_;
};

}  // namespace stac::model
