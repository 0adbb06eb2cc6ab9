#include "model/dense_input.hpp"

#include <ATen/ATen.h>

#include <stdexcept>

#include "stac/error.hpp"

namespace stac::model {
namespace {

void require_shapes(const DenseInput& input, std::int64_t past) {
  const at::Tensor& ids = input.input_ids;
  if (!ids.defined() || ids.dim() != 2 || ids.scalar_type() != at::kLong || ids.numel() == 0) {
    throw std::invalid_argument("input_ids must be int64 [batch, new], not empty");
  }
  const at::Tensor& mask = input.attention_mask;
  if (mask.defined() && (mask.dim() != 2 || mask.size(0) != ids.size(0) || mask.size(1) != past + ids.size(1))) {
    throw std::invalid_argument("attention_mask must be [batch, past + new]");
  }
  const at::Tensor& positions = input.position_ids;
  if (positions.defined() && (positions.sizes() != ids.sizes() || positions.scalar_type() != at::kLong)) {
    throw std::invalid_argument("position_ids must be int64 [batch, new]");
  }
}

/// transformers' rule for padded batches: positions count the tokens that are not pads, and pads sit at position 1.
at::Tensor default_positions(const DenseInput& input, std::int64_t past) {
  const std::int64_t count = input.input_ids.size(1);
  if (!input.attention_mask.defined()) return at::arange(past, past + count).expand_as(input.input_ids);
  const at::Tensor mask = input.attention_mask.to(at::kLong);
  return (mask.cumsum(1) - 1).masked_fill(mask.eq(0), 1).narrow(1, past, count);
}

void require_range(const at::Tensor& values, std::int64_t limit, const std::string& what, const std::string& hint) {
  const auto least = values.min().item<std::int64_t>();
  const auto most = values.max().item<std::int64_t>();
  if (least >= 0 && most < limit) return;
  throw Error(what + " " + std::to_string(least < 0 ? least : most) + " is outside 0.." + std::to_string(limit - 1),
              hint);
}

}  // namespace

DenseInput completed(const DenseInput& input, std::int64_t past, const TransformerConfig& config) {
  require_shapes(input, past);
  require_range(input.input_ids, config.vocab_size, "token id", "the text was encoded with another tokenizer");
  DenseInput complete = input;
  if (!complete.position_ids.defined()) complete.position_ids = default_positions(input, past);
  require_range(complete.position_ids, config.max_positions, "position",
                "the text is longer than the model's context: shorten it, or start anew");
  return complete;
}

}  // namespace stac::model
