#include "stac/eval/fidelity.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
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
  std::int64_t among_five = 0;
};

double total(const std::vector<model::TokenScore>& scores) {
  double sum = 0.0;
  for (const model::TokenScore& score : scores) sum += score.negative_log_likelihood;
  return sum;
}

WindowSums sums_of(const std::vector<model::TokenScore>& dense, const std::vector<model::TokenScore>& spiking,
                   const std::vector<double>& kl) {
  WindowSums sums{total(dense), total(spiking), std::accumulate(kl.begin(), kl.end(), 0.0)};
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

  /// Of positions that were counted in a window.
  [[nodiscard]] double share(std::int64_t WindowSums::*counted, std::span<const std::int64_t> drawn) const {
    std::int64_t sum = 0;
    for (const std::int64_t w : drawn) sum += windows[static_cast<std::size_t>(w)].*counted;
    return static_cast<double>(sum) / (tokens_per_window * static_cast<double>(drawn.size()));
  }
};

/// Whether fewer than five logits of the row are larger than that of this token.
bool is_among_five(const at::Tensor& logits, std::int64_t row, std::int64_t token) {
  const std::int64_t vocabulary = logits.size(1);
  const float* const values = logits.data_ptr<float>() + row * vocabulary;
  return std::count_if(values, values + vocabulary, [&](float value) { return value > values[token]; }) < 5;
}

std::int64_t count_among_five(const std::vector<model::TokenScore>& dense, const at::Tensor& logits) {
  const at::Tensor rows = logits.contiguous();
  std::int64_t among = 0;
  for (std::size_t i = 0; i < dense.size(); ++i) {
    among += is_among_five(rows, static_cast<std::int64_t>(i), dense[i].prediction) ? 1 : 0;
  }
  return among;
}

/// One network's reading of a window.
struct Reading {
  at::Tensor logits;
  std::vector<model::RowPeak> peaks;
  std::vector<model::TokenScore> scores;

  Reading(at::Tensor said, std::span<const std::int64_t> window)
      : logits(std::move(said)),
        peaks(model::row_peaks(logits)),
        scores(model::score_targets(logits, peaks, window.subspan(1))) {}
};

/// One network beside the dense one, window by window.
class Comparison {
 public:
  void add(const Reading& dense, const Reading& spiking) {
    spiking_.add(spiking.scores);
    windows_.push_back(sums_of(dense.scores, spiking.scores,
                               model::divergences(dense.logits, dense.peaks, spiking.logits, spiking.peaks)));
    windows_.back().among_five = count_among_five(dense.scores, spiking.logits);
  }

  [[nodiscard]] Fidelity result(const Perplexity& dense, std::int64_t context, std::uint64_t seed) const {
    const Spread spread{windows_, static_cast<double>(context - 1)};
    const auto count = static_cast<std::int64_t>(windows_.size());
    std::vector<std::int64_t> all(windows_.size());
    std::iota(all.begin(), all.end(), 0);
    Fidelity fidelity;
    fidelity.dense = dense;
    fidelity.spiking = spiking_.result();
    fidelity.ratio = fidelity.spiking.perplexity / dense.perplexity;
    fidelity.kl = spread.kl(all);
    fidelity.top1_agreement = spread.share(&WindowSums::agreements, all);
    fidelity.top5_agreement = spread.share(&WindowSums::among_five, all);
    fidelity.ratio_interval = bootstrap_interval(count, seed, [&](auto drawn) { return spread.ratio(drawn); });
    fidelity.kl_interval = bootstrap_interval(count, seed, [&](auto drawn) { return spread.kl(drawn); });
    const auto interval = [&](std::int64_t WindowSums::*counted) {
      return bootstrap_interval(count, seed, [&](auto drawn) { return spread.share(counted, drawn); });
    };
    fidelity.top1_interval = interval(&WindowSums::agreements);
    fidelity.top5_interval = interval(&WindowSums::among_five);
    return fidelity;
  }

 private:
  PerplexitySum spiking_;
  std::vector<WindowSums> windows_;
};

}  // namespace

Fidelity measure_fidelity(model::Sequence& dense, model::Sequence& spiking, const TokenWindows& text,
                          std::uint64_t seed, const Progress& progress) {
  const auto source = model::reads(dense, texts_to_read(text)), network = model::reads(spiking, texts_to_read(text));
  model::TextLogits* const other = network.get();
  return measure_fidelities(*source, {&other, 1}, text, seed, progress).front();
}

std::vector<Fidelity> measure_fidelities(model::TextLogits& dense, std::span<model::TextLogits* const> others,
                                         const TokenWindows& text, std::uint64_t seed, const Progress& progress) {
  const at::NoGradGuard no_gradients;
  PerplexitySum dense_sum;
  std::vector<Comparison> comparisons(others.size());
  for (std::size_t w = 0; w < text.windows.size(); ++w) {
    const Reading reference(dense.of(w), text.windows[w]);
    dense_sum.add(reference.scores);
    for (std::size_t i = 0; i < others.size(); ++i) {
      comparisons[i].add(reference, Reading(others[i]->of(w), text.windows[w]));
    }
    tell(progress, static_cast<std::int64_t>(w + 1), static_cast<std::int64_t>(text.windows.size()));
  }
  std::vector<Fidelity> fidelities;
  for (const Comparison& comparison : comparisons) {
    fidelities.push_back(comparison.result(dense_sum.result(), text.context, seed));
  }
  return fidelities;
}

}  // namespace stac::eval
