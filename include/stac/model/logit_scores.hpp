// What logits say about the tokens that really follow; every logarithm and sum in f64.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace stac::model {

struct TokenScore {
  double negative_log_likelihood = 0.0;  ///< -ln softmax(logits)[target], nats
  std::int64_t prediction = 0;           ///< the largest logit's id; of equal ones the smallest id
};

/// @param logits   f32 [n, vocab_size], finite
/// @param targets  [n]
/// @throws stac::Error  a logit is NaN or infinite (named by row)
[[nodiscard]] std::vector<TokenScore> score_targets(const at::Tensor& logits, std::span<const std::int64_t> targets);

/// KL(softmax(p) || softmax(q)) of each row, nats.
/// @param p, q  f32 [n, vocab_size], finite
[[nodiscard]] std::vector<double> divergences(const at::Tensor& p, const at::Tensor& q);

}  // namespace stac::model
