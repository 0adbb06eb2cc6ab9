// Perplexity of one model on windows of text: exp of the mean negative log-likelihood of every token of a window but
// its first, each window read on its own.
#pragma once
#include <cstdint>

#include "stac/eval/progress.hpp"
#include "stac/eval/token_windows.hpp"
#include "stac/model/language_model.hpp"

namespace stac::eval {

struct Perplexity {
  double perplexity = 0.0;
  std::int64_t scored_tokens = 0;
  std::int64_t distinct_predictions = 0;  ///< different most likely tokens over all scored positions
};

/// @param sequence  of the model; reset before every window, so that one window's logits are in memory at a time
/// @throws stac::Error  a logit that is not finite, a window that does not fit the model
[[nodiscard]] Perplexity measure_perplexity(model::Sequence& sequence, const TokenWindows& text,
                                            const Progress& progress = {});

}  // namespace stac::eval
