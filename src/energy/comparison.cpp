#include "stac/energy/comparison.hpp"

namespace stac::energy {

Comparison compare(const EnergyModel& model, const SpikingRun& run, const std::optional<KeptMacs>& kept) {
  Comparison comparison{model, spiking_contender(model, run), {}, {}, run.texts.tokens()};
  comparison.baselines.push_back(dense_contender(model, DenseType::f32, run));
  for (const DenseType type : {DenseType::f16, DenseType::bf16, DenseType::int8}) {
    if (can_price(model, type)) comparison.baselines.push_back(dense_contender(model, type, run));
  }
  if (kept && can_price(model, DenseType::int8)) {
    comparison.baselines.push_back(zero_skipping_contender(model, run, *kept));
  }
  const double counted = ratios(comparison.spikes, comparison.baselines.front()).products;
  comparison.python = closed_form(model, run.plan, run.ledger, counted, run.int8_weights);
  return comparison;
}

Ratios ratios(const Contender& spikes, const Contender& baseline) {
  const auto over = [](double ours, double theirs) { return theirs > 0.0 ? ours / theirs : 0.0; };
  return {over(spikes.products(), baseline.products()), over(spikes.compute(), baseline.compute()),
          over(spikes.with_memory(), baseline.with_memory())};
}

}  // namespace stac::energy
