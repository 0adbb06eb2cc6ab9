// From logits to the next token. Each step is a pure function on one row of logits; a removed token's logit is
// -infinity. The steps and their order are those of transformers (SequenceBiasLogitsProcessor,
// RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper, MinPLogitsWarper);
// where logits tie, the lower id goes first.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace stac::runtime {

/// Added to one token's logit before anything else; -infinity: the token is never chosen.
struct LogitBias {
  std::int64_t id = 0;
  float bias = 0;

  friend bool operator==(const LogitBias&, const LogitBias&) = default;
};

struct SamplingOptions {
  double temperature = 0.0;         ///< 0: greedy; top_k, top_p and seed then change nothing
  std::int64_t top_k = 0;           ///< tokens kept; 0: all
  double top_p = 1.0;               ///< the most likely tokens whose probabilities reach this sum are kept; 1: all
  double min_p = 0.0;               ///< tokens less likely than this share of the likeliest one go; 0: none
  double repetition_penalty = 1.0;  ///< > 1 makes tokens of the text so far less likely; 1: off
  std::uint64_t seed = 0;
  std::vector<LogitBias> logit_bias = {};  ///< several of one id add up
};

/// @throws stac::UsageError naming the option: temperature < 0 or not finite, top_k < 0, top_p outside (0, 1], min_p
///         outside [0, 1], a bias that is NaN or +infinity, or of a negative id,
///         repetition_penalty <= 0 or not finite
void require_valid(const SamplingOptions& options);

/// Ids that `logits` does not reach are ignored.
void add_biases(std::span<float> logits, std::span<const LogitBias> biases);

/// Divides the positive logits of the tokens in `text` by the penalty and multiplies their negative ones with it; a
/// token counts once however often it occurs. Ids that `logits` does not reach are ignored.
void penalise_repetition(std::span<float> logits, std::span<const std::int64_t> text, double penalty);

/// (logit - the largest logit) / temperature: the same probabilities as logit / temperature, without overflow.
/// @param temperature  > 0
void scale_by_temperature(std::span<float> logits, double temperature);

/// Keeps exactly the k largest (all if there are fewer). (transformers keeps every token that ties with the k-th.)
/// @param k  >= 1
void keep_top_k(std::span<float> logits, std::int64_t k);

/// Keeps the fewest tokens, most likely first, whose probabilities sum to at least p; at least one.
void keep_top_p(std::span<float> logits, double p);

/// Keeps the tokens whose probability is at least min_p times the largest one (Nguyen et al., arXiv:2407.01082).
/// @param min_p  in [0, 1]
void keep_min_p(std::span<float> logits, double min_p);

/// The largest logit's id; the lowest of those that tie.
[[nodiscard]] std::int64_t greedy_choice(std::span<const float> logits);

/// All of the above: the token that follows `text`. The random number is uniform(seed, position), so a text's
/// continuation is a function of seed and text alone.
/// @param logits    [ids that may be sampled]: ids that the tokenizer does not know are cut off by the caller
/// @param text      every id so far, for the repetition penalty
/// @param position  of the token to be chosen
/// @throws stac::Error  a logit is NaN or +infinity, all are -infinity (or biased to it), or there is none
[[nodiscard]] std::int64_t choose_token(std::span<const float> logits, std::span<const std::int64_t> text,
                                        std::int64_t position, const SamplingOptions& options);

}  // namespace stac::runtime
