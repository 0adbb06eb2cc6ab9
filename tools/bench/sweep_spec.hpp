// What --sweep asks for: "timesteps=3..8 code=phase base=2,3 threshold=static,adaptive".
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "stac/cli/model_options.hpp"

namespace stac::tools {

/// One combination: what is given for each key, in the order of the specification.
struct SweepPoint {
  std::vector<std::pair<std::string, std::string>> settings;

  /// "timesteps=4 base=3"
  [[nodiscard]] std::string name() const;
  /// The flags with these settings in place of their own.
  /// @throws stac::UsageError  a value that the flag does not take
  [[nodiscard]] cli::ModelFlags applied_to(cli::ModelFlags flags) const;
};

/// Every combination, the last key changing fastest. A key that a point's code does not have (base of rate and lif, tau
/// of phase and rate) is left out of it, and what is then the same point is there once.
/// @throws stac::UsageError  no key=value, a key that is unknown or given twice, an empty list, a range that falls, a
///                           key that no point's code has, a point that `require_possible` throws at
[[nodiscard]] std::vector<SweepPoint> parse_sweep(const std::string& text, const cli::ModelFlags& flags,
                                                  const std::function<void(const SweepPoint&)>& require_possible);

}  // namespace stac::tools
