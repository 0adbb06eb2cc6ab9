// A spiking network that reads texts one layer at a time.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "stac/model/text_logits.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/engine.hpp"
#include "stac/snn/ledger.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/quantized_linear.hpp"
#include "stac/snn/residual_stream.hpp"
#include "stac/snn/spiking_head.hpp"

namespace stac::snn {

/// What a spiking network is made of.
struct NetworkParts {
  model::TransformerConfig config;
  std::shared_ptr<const model::TransformerWeights> weights;
  Plan plan;
  QuantizedWeights quantized;  ///< takes the place of `weights` at the sites that it holds
};

/// Says what a SpikingTransformer of the same parts on the fused engine says, and counts the same.
class SpikingPass final : public model::LayerwisePass {
 public:
  /// @param texts  at least one token each
  /// @throws stac::Error  an id outside the vocabulary, a text beyond the model's positions
  SpikingPass(NetworkParts parts, const model::Texts& texts);

  [[nodiscard]] at::Tensor stream() const override;

  /// Of the layers run so far, and of the logits that were asked for.
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }

 private:
  void run(std::int64_t layer) override;
  at::Tensor logits(std::size_t text) override;

  NetworkParts parts_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::int64_t> lengths_;  ///< of the texts
  Rows stream_;                        ///< of all texts
  Ledger ledger_;
  std::optional<SpikingHead> head_;  ///< made when the first logits are wanted
};

[[nodiscard]] model::TextReader reader_of(NetworkParts parts);

}  // namespace stac::snn
