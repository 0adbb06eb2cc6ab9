// A dense network that reads texts one layer at a time.
#pragma once
#include <memory>
#include <vector>

#include "stac/model/decoder.hpp"
#include "stac/model/text_logits.hpp"
#include "stac/model/weights.hpp"

namespace stac::model {

/// Says what a DenseModel of the same weights says, bit for bit.
class DensePass final : public LayerwisePass {
 public:
  /// @param texts  at least one token each
  /// @throws stac::Error  an id outside the vocabulary, a text beyond the model's positions
  DensePass(const TransformerConfig& config, std::shared_ptr<const TransformerWeights> weights, const Texts& texts);

  [[nodiscard]] at::Tensor stream() const override;

 private:
  struct Text {
    at::Tensor stream;  ///< [1, tokens, hidden_size]
    AttentionContext context;
  };

  void run(std::int64_t layer) override;
  at::Tensor logits(std::size_t text) override;

  TransformerConfig config_;
  std::shared_ptr<const TransformerWeights> weights_;
  std::vector<Text> texts_;
  DecoderHead head_{nullptr};  ///< made when the first logits are wanted
};

[[nodiscard]] TextReader reader_of(const TransformerConfig& config, std::shared_ptr<const TransformerWeights> weights);

}  // namespace stac::model
