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

/// What a softmax over a row needs: kept, so that one network's rows can be held against several others'.
struct RowPeak {
  std::int64_t at = 0;   ///< the largest logit's id; of equal ones the smallest id
  double log_sum = 0.0;  ///< ln sum exp(logit)
};

/// @param logits  f32 [n, vocab_size]
/// @throws stac::Error  a logit is NaN or infinite (named by row)
[[nodiscard]] std::vector<RowPeak> row_peaks(const at::Tensor& logits);

/// @param logits   f32 [n, vocab_size], finite
/// @param targets  [n]
/// @throws stac::Error  a logit is NaN or infinite (named by row)
[[nodiscard]] std::vector<TokenScore> score_targets(const at::Tensor& logits, std::span<const std::int64_t> targets);
/// The same of rows whose peaks are known.
[[nodiscard]] std::vector<TokenScore> score_targets(const at::Tensor& logits, std::span<const RowPeak> peaks,
                                                    std::span<const std::int64_t> targets);

/// KL(softmax(p) || softmax(q)) of each row, nats.
/// @param p, q  f32 [n, vocab_size], finite
[[nodiscard]] std::vector<double> divergences(const at::Tensor& p, const at::Tensor& q);
/// The same of rows whose peaks are known.
[[nodiscard]] std::vector<double> divergences(const at::Tensor& p, std::span<const RowPeak> p_peaks,
                                              const at::Tensor& q, std::span<const RowPeak> q_peaks);

}  // namespace stac::model
