#include "stac/runtime/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "stac/error.hpp"
#include "stac/model/random.hpp"
#include "stac/model/token_draw.hpp"

namespace stac::runtime {
namespace {

constexpr float kRemoved = -std::numeric_limits<float>::infinity();

// Most likely first; lower id first where logits tie.
std::vector<std::int64_t> by_likelihood(std::span<const float> logits) {
  std::vector<std::int64_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  std::stable_sort(ids.begin(), ids.end(), [&](std::int64_t a, std::int64_t b) { return logits[a] > logits[b]; });
  return ids;
}

void remove(std::span<float> logits, std::span<const std::int64_t> ids) {
  for (const std::int64_t id : ids) logits[id] = kRemoved;
}

// An extreme penalty must not make a logit infinite: infinities mean removed tokens and damaged models.
float penalised(float logit, double penalty) {
  if (logit == kRemoved) return logit;
  const double score = logit < 0 ? logit * penalty : logit / penalty;
  constexpr double kLargest = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(score, -kLargest, kLargest));
}

void require_usable(std::span<const float> logits) {
  if (logits.empty()) throw Error("there is no token to choose from: the vocabulary is empty");
  for (std::size_t id = 0; id < logits.size(); ++id) {
    if (std::isnan(logits[id]) || logits[id] == std::numeric_limits<float>::infinity()) {
      throw Error("the logit of token " + std::to_string(id) + " is " + std::to_string(logits[id]),
                  "the model's weights or its conversion are damaged: check them with stac-test");
    }
  }
  if (logits[static_cast<std::size_t>(greedy_choice(logits))] == kRemoved) {
    throw Error("every token's logit is -infinity: there is no token to choose");
  }
}

}  // namespace

void require_valid(const SamplingOptions& options) {
  if (!std::isfinite(options.temperature) || options.temperature < 0) {
    throw UsageError("temperature must be 0 (greedy) or larger, not " + std::to_string(options.temperature));
  }
  if (options.top_k < 0) {
    throw UsageError("top-k must be 0 (every token) or larger, not " + std::to_string(options.top_k));
  }
  if (!(options.top_p > 0 && options.top_p <= 1)) {
    throw UsageError("top-p must be above 0 and at most 1 (every token), not " + std::to_string(options.top_p));
  }
  if (!(options.min_p >= 0 && options.min_p <= 1)) {
    throw UsageError("min-p must be from 0 (every token) to 1, not " + std::to_string(options.min_p));
  }
  for (const LogitBias& one : options.logit_bias) {
    if (one.id < 0) throw UsageError("a logit bias is for token " + std::to_string(one.id) + ", which cannot be");
    if (std::isnan(one.bias) || one.bias == std::numeric_limits<float>::infinity()) {
      throw UsageError("the logit bias of token " + std::to_string(one.id) + " is " + std::to_string(one.bias),
                       "give a number, or -inf for a token that is never to be chosen");
    }
  }
  if (!std::isfinite(options.repetition_penalty) || options.repetition_penalty <= 0) {
    throw UsageError("the repetition penalty must be above 0 (1 is none), not " +
                     std::to_string(options.repetition_penalty));
  }
}

void add_biases(std::span<float> logits, std::span<const LogitBias> biases) {
  for (const LogitBias& one : biases) {
    if (one.id < static_cast<std::int64_t>(logits.size())) logits[static_cast<std::size_t>(one.id)] += one.bias;
  }
}

void penalise_repetition(std::span<float> logits, std::span<const std::int64_t> text, double penalty) {
  if (penalty == 1.0) return;
  std::vector<bool> seen(logits.size(), false);
  for (const std::int64_t id : text) {
    if (id < 0 || id >= static_cast<std::int64_t>(logits.size()) || seen[id]) continue;
    seen[id] = true;
    logits[id] = penalised(logits[id], penalty);
  }
}

void scale_by_temperature(std::span<float> logits, double temperature) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  for (float& logit : logits) logit = static_cast<float>((logit - largest) / temperature);
}

void keep_top_k(std::span<float> logits, std::int64_t k) {
  if (k >= static_cast<std::int64_t>(logits.size())) return;
  const std::vector<std::int64_t> ids = by_likelihood(logits);
  remove(logits, std::span(ids).subspan(static_cast<std::size_t>(k)));
}

void keep_top_p(std::span<float> logits, double p) {
  if (p >= 1.0) return;
  const std::vector<std::int64_t> ids = by_likelihood(logits);
  const std::vector<double> odds = model::relative_odds(logits);
  double total = 0;
  for (const std::int64_t id : ids) total += odds[id];
  double mass = 0;
  std::size_t kept = 0;
  while (kept < ids.size() && (kept == 0 || mass < p * total)) mass += odds[ids[kept++]];
  remove(logits, std::span(ids).subspan(kept));
}

void keep_min_p(std::span<float> logits, double min_p) {
  if (min_p <= 0.0) return;
  const std::vector<double> odds = model::relative_odds(logits);  // the likeliest token's are 1
  for (std::size_t id = 0; id < odds.size(); ++id) {
    if (odds[id] < min_p) logits[id] = kRemoved;
  }
}

std::int64_t greedy_choice(std::span<const float> logits) {
  return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

std::int64_t choose_token(std::span<const float> logits, std::span<const std::int64_t> text, std::int64_t position,
                          const SamplingOptions& options) {
  require_usable(logits);
  std::vector<float> scores(logits.begin(), logits.end());
  if (!options.logit_bias.empty()) {
    add_biases(scores, options.logit_bias);
    if (scores[static_cast<std::size_t>(greedy_choice(scores))] == kRemoved) {
      throw Error("the logit biases leave no token to choose", "take back one of those that are -inf");
    }
  }
  penalise_repetition(scores, text, options.repetition_penalty);
  if (options.temperature == 0) return greedy_choice(scores);
  scale_by_temperature(scores, options.temperature);
  if (options.top_k > 0) keep_top_k(scores, options.top_k);
  keep_top_p(scores, options.top_p);
  keep_min_p(scores, options.min_p);
  return model::draw(scores, model::uniform(options.seed, static_cast<std::uint64_t>(position)));
}

}  // namespace stac::runtime
