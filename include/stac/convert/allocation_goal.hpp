// How far from its source a network may be, and what it should save.
#pragma once
#include <string>
#include <string_view>

namespace stac::convert {

enum class Minimise {
  spikes,     ///< additions that spikes drive
  timesteps,  ///< steps from a token's first spike to its logits
  energy      ///< of all that the sites compute
};

struct AllocationGoal {
  double max_ratio = 1.01;  ///< perplexity over the source's, >= 1; the KL may be ln of it
  Minimise minimise = Minimise::spikes;
  std::string energy_model = "horowitz-45nm";  ///< what energy is: energy::find_energy_model

  friend bool operator==(const AllocationGoal&, const AllocationGoal&) = default;
};

[[nodiscard]] std::string_view minimise_name(Minimise minimise);
/// "spikes", "timesteps", "energy". @throws stac::UsageError
[[nodiscard]] Minimise parse_minimise(std::string_view name);

}  // namespace stac::convert
