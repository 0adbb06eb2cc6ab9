// The magnitude of a spiking network's logits: one factor that brings them as near to the source's as one factor can.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "stac/model/text_logits.hpp"

namespace stac::convert {

/// What was fitted, and what it does to KL(source || network) of the next token, nats, on tokens that the fit did not
/// see.
struct LogitScaleRecord {
  std::string text;         ///< what the tokens are
  std::int64_t tokens = 0;  ///< half of them fit, half judge
  double fitted = 1.0;      ///< the factor with the smallest KL on the fitting tokens
  double plain = 0.0;       ///< KL without it
  double scaled = 0.0;      ///< KL with it
  double scale = 1.0;       ///< what is used: `fitted` where it saves kLeastSaving of the KL, else 1

  friend bool operator==(const LogitScaleRecord&, const LogitScaleRecord&) = default;
};

/// Share of the held-out KL that a scale has to save. Below it lies what a scale fitted to a few hundred tokens saves
/// or costs by chance.
inline constexpr double kLeastSaving = 0.05;

/// argmin over s of sum KL(softmax(p) || softmax(s z)) over the first half of the samples, within a factor of 4 of 1.
/// The sum is convex in s; with E_q and Var_q under softmax(s z) its derivatives are sum (E_q[z] - E_p[z]) and sum
/// Var_q[z], so that Newton's steps find it, and of the source one number a token is kept.
/// @param samples  token ids, at least two samples
/// @throws std::invalid_argument  fewer
[[nodiscard]] LogitScaleRecord fit_logit_scale(const model::TextReader& source, const model::TextReader& network,
                                               const model::Texts& samples);

}  // namespace stac::convert
