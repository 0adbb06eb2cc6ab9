// How far from its source a network may be, and what it should save.
#pragma once
#include <string_view>

namespace stac::convert {

enum class Minimise {
  spikes,     ///< additions that spikes drive
  timesteps,  ///< steps from a token's first spike to its logits
  energy      ///< additions weighed by their adders
};

struct AllocationGoal {
  double max_ratio = 1.01;  ///< perplexity over the source's, >= 1; the KL may be ln of it
  Minimise minimise = Minimise::spikes;
  /// Energy of an addition in attention over one in a projection: above 1 where projections have int8 weights.
  double attention_adder = 1.0;

  friend bool operator==(const AllocationGoal&, const AllocationGoal&) = default;
};

[[nodiscard]] std::string_view minimise_name(Minimise minimise);
/// "spikes", "timesteps", "energy". @throws stac::UsageError
[[nodiscard]] Minimise parse_minimise(std::string_view name);

}  // namespace stac::convert
