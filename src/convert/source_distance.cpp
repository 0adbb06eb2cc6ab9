#include "convert/source_distance.hpp"

#include <cmath>
#include <numeric>
#include <utility>

#include "stac/model/logit_scores.hpp"

namespace stac::convert {
namespace {

double likelihood(const at::Tensor& logits, std::span<const std::int64_t> targets) {
  const auto rows = static_cast<std::int64_t>(targets.size());
  double sum = 0.0;
  for (const model::TokenScore& score : model::score_targets(logits.narrow(0, 0, rows), targets)) {
    sum -= score.negative_log_likelihood;
  }
  return sum;
}

}  // namespace

SourceDistance::SourceDistance(const model::TextReader& source, TextSamples text) : text_(std::move(text)) {
  const auto read = source(text_.samples);
  for (std::size_t i = 0; i < text_.samples.size(); ++i) source_logits_.push_back(read->of(i));
}

Distance SourceDistance::to(const model::TextReader& network) const {
  const model::Texts& samples = text_.samples;
  const auto read = network(samples);
  double kl = 0.0, worse = 0.0, scored = 0.0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const at::Tensor logits = read->of(i);
    const std::vector<double> each = model::divergences(source_logits_[i], logits);
    kl += std::accumulate(each.begin(), each.end() - 1, 0.0);
    const std::span<const std::int64_t> targets = std::span(samples[i]).subspan(1);
    worse += likelihood(source_logits_[i], targets) - likelihood(logits, targets);
    scored += static_cast<double>(targets.size());
  }
  return {std::exp((text_.own ? kl : worse) / scored), kl / scored};
}

std::int64_t SourceDistance::tokens() const {
  const model::Texts& samples = text_.samples;
  return std::accumulate(samples.begin(), samples.end(), std::int64_t{0}, [](std::int64_t sum, const auto& sample) {
    return sum + static_cast<std::int64_t>(sample.size());
  });
}

}  // namespace stac::convert
