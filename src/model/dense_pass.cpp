#include "stac/model/dense_pass.hpp"

#include <ATen/ATen.h>

#include <utility>

#include "model/dense_input.hpp"

namespace stac::model {

DensePass::DensePass(const TransformerConfig& config, std::shared_ptr<const TransformerWeights> weights,
                     const Texts& texts)
    : LayerwisePass(config.layers), config_(config), weights_(std::move(weights)) {
  const at::NoGradGuard no_gradients;
  for (const std::vector<std::int64_t>& ids : texts) {
    const DenseInput input = completed({at::tensor(ids, at::kLong).unsqueeze(0), {}, {}}, 0, config_);
    texts_.push_back({embedded(config_, weights_->token_embedding, weights_->position_embedding, input),
                      attention_context(config_, input, nullptr)});
  }
}

at::Tensor DensePass::stream() const {
  std::vector<at::Tensor> rows;
  for (const Text& text : texts_) rows.push_back(text.stream[0]);
  return at::cat(rows).contiguous();
}

void DensePass::run(std::int64_t layer) {
  const at::NoGradGuard no_gradients;
  const DecoderBlock block(config_, weights_->blocks[layer], layer);
  for (Text& text : texts_) text.stream = block->forward(text.stream, text.context);
}

at::Tensor DensePass::logits(std::size_t text) {
  const at::NoGradGuard no_gradients;
  if (head_.is_empty()) head_ = DecoderHead(config_, *weights_);
  return head_->forward(texts_.at(text).stream)[0];
}

TextReader reader_of(const TransformerConfig& config, std::shared_ptr<const TransformerWeights> weights) {
  return [config, weights = std::move(weights)](const Texts& texts) {
    return std::make_unique<DensePass>(config, weights, texts);
  };
}

}  // namespace stac::model
