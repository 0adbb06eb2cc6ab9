// Reading one window: the logits that predict each of its tokens but the first.
#pragma once
#include <unordered_set>
#include <vector>

#include "stac/eval/perplexity.hpp"
#include "stac/eval/token_windows.hpp"
#include "stac/model/logit_scores.hpp"
#include "stac/model/text_logits.hpp"

namespace stac::eval {

/// The windows without their last tokens, which are never read, since nothing that they predict is scored.
[[nodiscard]] model::Texts texts_to_read(const TokenWindows& text);

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
