// Behind the last layer: norm, spikes, logits.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>

#include "stac/model/config.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/engine.hpp"
#include "stac/snn/ledger.hpp"
#include "stac/snn/plan.hpp"
#include "stac/snn/quantized_linear.hpp"
#include "stac/snn/residual_stream.hpp"

namespace stac::snn {

class SpikingHead {
 public:
  /// @param quantized  takes the place of `weights` where it holds the head
  SpikingHead(const model::TransformerConfig& config, const model::TransformerWeights& weights, const Plan& plan,
              const Engine& engine, const QuantizedWeights& quantized = {});

  /// @param stream  [tokens, hidden_size]
  /// @return f32 [tokens, vocab_size]
  [[nodiscard]] at::Tensor logits(const Rows& stream, Ledger& ledger) const;

 private:
  model::TransformerConfig config_;
  std::unique_ptr<SpikingProjection> projection_;
};

}  // namespace stac::snn
