// Reading one window: the logits that predict each of its tokens but the first.
#pragma once
#include <span>
#include <unordered_set>
#include <vector>

#include "stac/eval/perplexity.hpp"
#include "stac/model/language_model.hpp"
#include "stac/model/logit_scores.hpp"

namespace stac::eval {

/// @return f32 [window - 1, vocab_size]: the last token is never read, since nothing that it predicts is scored
[[nodiscard]] at::Tensor read_window(model::Sequence& sequence, std::span<const std::int64_t> window);

/// Adds up token scores.
class PerplexitySum {
 public:
  void add(const std::vector<model::TokenScore>& scores);
  [[nodiscard]] Perplexity result() const;

 private:
  double sum_ = 0.0;
  std::int64_t tokens_ = 0;
  std::unordered_set<std::int64_t> predictions_;
};

}  // namespace stac::eval
