#include "stac/eval/fidelity.hpp"

#include <ATen/core/grad_mode.h>

#include <cmath>
#include <numeric>

#include "window_reading.hpp"

namespace stac::eval {
namespace {

/// Sums over one window, from which the bootstrap draws.
struct WindowSums {
  double dense_nll = 0.0;
  double spiking_nll = 0.0;
  double kl = 0.0;
  std::int64_t agreements = 0;
};

double total(const std::vector<model::TokenScore>& scores) {
  double sum = 0.0;
  for (const model::TokenScore& score : scores) sum += score.negative_log_likelihood;
  return sum;
}

WindowSums sums_of(const std::vector<model::TokenScore>& dense, const std::vector<model::TokenScore>& spiking,
                   const std::vector<double>& kl) {
  WindowSums sums{total(dense), total(spiking), std::accumulate(kl.begin(), kl.end(), 0.0), 0};
  for (std::size_t i = 0; i < dense.size(); ++i) sums.agreements += dense[i].prediction == spiking[i].prediction;
  return sums;
}

/// Every window scores the same number of tokens.
struct Spread {
  const std::vector<WindowSums>& windows;
  double tokens_per_window;

  [[nodiscard]] double ratio(std::span<const std::int64_t> drawn) const {
    double difference = 0.0;
    for (const std::int64_t w : drawn) {
      const WindowSums& sums = windows[static_cast<std::size_t>(w)];
      difference += sums.spiking_nll - sums.dense_nll;
    }
    return std::exp(difference / (tokens_per_window * static_cast<double>(drawn.size())));
  }

  [[nodiscard]] double kl(std::span<const std::int64_t> drawn) const {
    double sum = 0.0;
    for (const std::int64_t w : drawn) sum += windows[static_cast<std::size_t>(w)].kl;
    return sum / (tokens_per_window * static_cast<double>(drawn.size()));
  }
};

}  // namespace

Fidelity measure_fidelity(model::Sequence& dense, model::Sequence& spiking, const TokenWindows& text,
                          std::uint64_t seed, const Progress& progress) {
  const at::NoGradGuard no_gradients;
  PerplexitySum dense_sum, spiking_sum;
  std::vector<WindowSums> windows;
  const auto count = static_cast<std::int64_t>(text.windows.size());
  for (const auto& window : text.windows) {
    const std::span<const std::int64_t> targets = std::span(window).subspan(1);
    const at::Tensor dense_logits = read_window(dense, window);
    const at::Tensor spiking_logits = read_window(spiking, window);
    const auto dense_scores = model::score_targets(dense_logits, targets);
    const auto spiking_scores = model::score_targets(spiking_logits, targets);
    dense_sum.add(dense_scores);
    spiking_sum.add(spiking_scores);
    windows.push_back(sums_of(dense_scores, spiking_scores, model::divergences(dense_logits, spiking_logits)));
    tell(progress, static_cast<std::int64_t>(windows.size()), count);
  }
  dense.reset();
  spiking.reset();

  Fidelity fidelity;
  fidelity.dense = dense_sum.result();
  fidelity.spiking = spiking_sum.result();
  fidelity.ratio = fidelity.spiking.perplexity / fidelity.dense.perplexity;
  const Spread spread{windows, static_cast<double>(text.context - 1)};
  std::vector<std::int64_t> all(windows.size());
  std::iota(all.begin(), all.end(), 0);
  fidelity.kl = spread.kl(all);
  std::int64_t agreements = 0;
  for (const WindowSums& sums : windows) agreements += sums.agreements;
  fidelity.top1_agreement = static_cast<double>(agreements) / static_cast<double>(fidelity.dense.scored_tokens);
  fidelity.ratio_interval = bootstrap_interval(count, seed, [&](auto drawn) { return spread.ratio(drawn); });
  fidelity.kl_interval = bootstrap_interval(count, seed, [&](auto drawn) { return spread.kl(drawn); });
  return fidelity;
}

}  // namespace stac::eval
