// A code's answers by integer, from running its neuron once per integer: what lets the fused engine skip the steps.
#pragma once
#include <cstdint>
#include <vector>

#include "stac/snn/code.hpp"

namespace stac::snn {

/// Levels that a table holds at most. Codes past them (base 2: T > 19, base 3: T > 12) are rare and run the neuron.
inline constexpr std::int64_t kLargestTable = std::int64_t{1} << 19;

/// Of codes whose windows are functions of the membrane's nearest integer.
class CodeTable {
 public:
  /// Empty for the others (says_nearest_integer).
  explicit CodeTable(const Code& code);

  [[nodiscard]] const Code& code() const { return code_; }
  [[nodiscard]] std::int32_t full_scale() const { return full_scale_; }
  [[nodiscard]] std::int32_t largest_said() const { return largest_said_; }

  /// The window of the neuron whose membrane is nearest to `magnitude`, 0 <= magnitude <= full_scale().
  [[nodiscard]] Spoken spoken(std::int32_t magnitude) const {
    if (magnitude >= tabulated()) return neuron_.speak(static_cast<float>(magnitude));
    return {value(magnitude), counts_[magnitude]};
  }

  /// Whether a membrane exactly halfway above `magnitude` is nearest to magnitude + 1.
  [[nodiscard]] bool tie_goes_up(std::int32_t magnitude) const;

  /// Spikes of the magnitudes 0 .. tabulated() - 1, contiguous.
  [[nodiscard]] const std::uint8_t* counts() const { return counts_.data(); }
  [[nodiscard]] std::int32_t tabulated() const { return static_cast<std::int32_t>(counts_.size()); }
  /// Whether a window says something else than its membrane's nearest integer: it ran out of spikes.
  [[nodiscard]] bool runs_out() const { return !values_.empty(); }

 private:
  [[nodiscard]] std::int32_t value(std::int32_t magnitude) const {
    return values_.empty() ? magnitude : values_[magnitude];
  }

  Code code_;
  PreparedCode neuron_;
  PreparedCode unlimited_;  // without its spike budget
  std::int32_t full_scale_;
  std::int32_t largest_said_;
  std::vector<std::uint8_t> counts_;
  std::vector<std::int32_t> values_;  // empty: every integer says itself
};

}  // namespace stac::snn
