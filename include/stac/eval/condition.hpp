// Is a converted network still the model it was made from? Judged by what cannot hide a dead one: its perplexity
// against the source's, and how many different tokens it predicts. (Logits of a dead network still point the way of the
// source's, its spike rates look sound, and its mean loss says little without the source's beside it.)
#pragma once
#include <string>

#include "stac/convert/conversion_quality.hpp"
#include "stac/eval/fidelity.hpp"

namespace stac::eval {

/// Up to here alive. Conversions that are published as the same model are up to a twentieth worse, readers do not
/// notice; beyond it they begin to.
inline constexpr double kAliveRatio = 1.05;
/// From here on dead. Networks of twice the source's perplexity still hold a sentence together; those that are reported
/// to say one comma after the other begin at five times (docs/theory.md). Between the two.
inline constexpr double kDeadRatio = 3.0;
/// Distinct predictions over the source's: fewer than this are not alive ...
inline constexpr double kAliveVariety = 0.8;
/// ... and fewer than this dead: half of what the source says, this network never says.
inline constexpr double kDeadVariety = 0.5;

struct Diagnosis {
  convert::Condition condition = convert::Condition::alive;
  std::string sentence;  ///< begins with the condition, and holds the figures that chose it
};

[[nodiscard]] Diagnosis diagnose(const Fidelity& fidelity);

}  // namespace stac::eval
