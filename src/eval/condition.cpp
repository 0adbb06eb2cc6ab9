#include "stac/eval/condition.hpp"

#include "formatted.hpp"

namespace stac::eval {
namespace {

using convert::Condition;

Condition condition_of(double ratio, double variety) {
  if (!(ratio < kDeadRatio) || variety < kDeadVariety) return Condition::dead;
  if (ratio <= kAliveRatio && variety >= kAliveVariety) return Condition::alive;
  return Condition::damaged;
}

}  // namespace

Diagnosis diagnose(const Fidelity& fidelity) {
  const std::int64_t ours = fidelity.spiking.distinct_predictions, source = fidelity.dense.distinct_predictions;
  const Condition condition = condition_of(fidelity.ratio, static_cast<double>(ours) / static_cast<double>(source));
  return {condition,
          std::string(convert::condition_name(condition)) +
              formatted(": perplexity x%.4g; predicts %lld distinct tokens in %lld positions where the source "
                        "predicts %lld",
                        fidelity.ratio, static_cast<long long>(ours),
                        static_cast<long long>(fidelity.spiking.scored_tokens), static_cast<long long>(source))};
}

}  // namespace stac::eval
