#include "stac/eval/perplexity.hpp"

#include <ATen/core/grad_mode.h>

#include <cmath>

#include "window_reading.hpp"

namespace stac::eval {

at::Tensor read_window(model::Sequence& sequence, std::span<const std::int64_t> window) {
  sequence.reset();
  return sequence.append(window.first(window.size() - 1), model::LogitRows::all);
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
  std::int64_t done = 0;
  for (const auto& window : text.windows) {
    const at::Tensor logits = read_window(sequence, window);
    sum.add(model::score_targets(logits, std::span(window).subspan(1)));
    tell(progress, ++done, static_cast<std::int64_t>(text.windows.size()));
  }
  sequence.reset();
  return sum.result();
}

}  // namespace stac::eval
