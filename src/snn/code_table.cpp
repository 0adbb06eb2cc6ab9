#include "snn/code_table.hpp"

#include <algorithm>

namespace stac::snn {

namespace {

// The dead zone is a matter of the membrane, not of its nearest integer.
Code without_dead_zone(Code code) {
  code.dead_zone = 0.0;
  return code;
}

Code without_budget(Code code) {
  code.spike_budget = 0;
  return code;
}

}  // namespace

CodeTable::CodeTable(const Code& code)
    : code_(without_dead_zone(code)),
      neuron_(code_),
      unlimited_(without_budget(code_)),
      full_scale_(static_cast<std::int32_t>(stac::snn::full_scale(code))),
      largest_said_(static_cast<std::int32_t>(stac::snn::largest_said(code))) {
  if (!says_nearest_integer(code)) return;
  const auto levels = static_cast<std::int32_t>(std::min<std::int64_t>(full_scale_ + std::int64_t{1}, kLargestTable));
  counts_.resize(levels);
  if (code.spike_budget > 0) values_.resize(levels);
  for (std::int32_t n = 0; n < levels; ++n) {
    const Spoken spoken = neuron_.speak(static_cast<float>(n));
    counts_[n] = static_cast<std::uint8_t>(spoken.spikes);
    if (!values_.empty()) values_[n] = static_cast<std::int32_t>(spoken.value);
  }
}

bool CodeTable::tie_goes_up(std::int32_t magnitude) const {
  return unlimited_.speak(static_cast<float>(magnitude) + 0.5F).value > magnitude;
}

}  // namespace stac::snn
