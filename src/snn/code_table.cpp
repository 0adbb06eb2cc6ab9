#include "snn/code_table.hpp"

#include <algorithm>
#include <cstdlib>

namespace stac::snn {

namespace {

// Codes past this many levels are rare (base 2: T > 18, base 3: T > 12) and run the neuron instead of a table.
constexpr std::int64_t kLargestTable = std::int64_t{1} << 19;

int count_spikes(const SpikeTrain& train) {
  return static_cast<int>(std::count_if(train.begin(), train.end(), [](int s) { return s != 0; }));
}

}  // namespace

CodeTable::CodeTable(const PhaseCode& code)
    : code_(code), full_scale_(static_cast<std::int32_t>(stac::snn::full_scale(code))) {
  counts_.resize(std::min<std::int64_t>(full_scale_ + std::int64_t{1}, kLargestTable));
  for (std::int32_t n = 0; n < tabulated(); ++n) counts_[n] = static_cast<std::uint8_t>(simulated_count(n));
}

int CodeTable::simulated_count(std::int32_t magnitude) const {
  return count_spikes(simulate_window(code_, static_cast<float>(magnitude)));
}

bool CodeTable::tie_goes_up(std::int32_t magnitude) const {
  return decode(code_, simulate_window(code_, static_cast<float>(magnitude) + 0.5F)) > magnitude;
}

}  // namespace stac::snn
