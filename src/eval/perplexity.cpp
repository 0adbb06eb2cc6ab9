#include "stac/eval/perplexity.hpp"

#include <ATen/core/grad_mode.h>

#include <cmath>
#include <span>

#include "window_reading.hpp"

namespace stac::eval {

model::Texts texts_to_read(const TokenWindows& text) {
  model::Texts texts = text.windows;
  for (auto& ids : texts) ids.pop_back();
  return texts;
}

void PerplexitySum::add(const std::vector<model::TokenScore>& scores) {
  for (const model::TokenScore& score : scores) {
    sum_ += score.negative_log_likelihood;
    predictions_.insert(score.prediction);
  }
  tokens_ += static_cast<std::int64_t>(scores.size());
}

Perplexity PerplexitySum::result() const {
  return {std::exp(sum_ / static_cast<double>(tokens_)), tokens_, static_cast<std::int64_t>(predictions_.size())};
}

Perplexity measure_perplexity(model::Sequence& sequence, const TokenWindows& text, const Progress& progress) {
  const at::NoGradGuard no_gradients;
  PerplexitySum sum;
  const auto logits = model::reads(sequence, texts_to_read(text));
  for (std::size_t w = 0; w < text.windows.size(); ++w) {
    sum.add(model::score_targets(logits->of(w), std::span(text.windows[w]).subspan(1)));
    tell(progress, static_cast<std::int64_t>(w + 1), static_cast<std::int64_t>(text.windows.size()));
  }
  return sum.result();
}

}  // namespace stac::eval
