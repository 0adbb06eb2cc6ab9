// The phase neuron's answers by integer code, from running it once per integer: what lets the fused engine skip the
// steps.
#pragma once
#include <cstdint>
#include <vector>

#include "stac/snn/phase_code.hpp"

namespace stac::snn {

class CodeTable {
 public:
  explicit CodeTable(const PhaseCode& code);

  [[nodiscard]] const PhaseCode& code() const { return code_; }
  [[nodiscard]] std::int32_t full_scale() const { return full_scale_; }

  /// Spikes of the window that says `magnitude`, 0 <= magnitude <= full_scale().
  [[nodiscard]] int spike_count(std::int32_t magnitude) const {
    return magnitude < tabulated() ? counts_[magnitude] : simulated_count(magnitude);
  }

  /// Whether a membrane exactly halfway above `magnitude` is spoken as magnitude + 1.
  [[nodiscard]] bool tie_goes_up(std::int32_t magnitude) const;

  /// Counts of the magnitudes 0 .. tabulated() - 1, contiguous.
  [[nodiscard]] const std::uint8_t* counts() const { return counts_.data(); }
  [[nodiscard]] std::int32_t tabulated() const { return static_cast<std::int32_t>(counts_.size()); }

 private:
  [[nodiscard]] int simulated_count(std::int32_t magnitude) const;

  PhaseCode code_;
  std::int32_t full_scale_;
  std::vector<std::uint8_t> counts_;
};

}  // namespace stac::snn
