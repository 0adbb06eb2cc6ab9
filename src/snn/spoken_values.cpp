#include "stac/snn/spoken_values.hpp"

#include <utility>
#include <vector>

#include "snn/encoded_rows.hpp"

namespace stac::snn {

SpokenValues::SpokenValues(Population population) : population_(std::move(population)) {
  require_valid(population_.code);
  table_ = std::make_unique<const CodeTable>(population_.code);
}

SpokenValues::~SpokenValues() = default;

void SpokenValues::apply(float* row, std::int64_t n) const {
  std::vector<float> scratch;
  const float* const membranes = in_profile_units(population_, row, n, scratch);
  const RowGains gains = row_gains(population_, membranes, n);
  std::vector<std::int32_t> codes(n);
  for (const GroupGain& group : gains.groups) {
    encode_channels(population_.code, *table_, membranes + group.first, group.count, group.scale,
                    codes.data() + group.first);
    const float unit = gains.unit * static_cast<float>(group.multiplier);
    for (std::int64_t j = group.first; j < group.first + group.count; ++j) {
      const float theta = population_.profile.empty() ? 1.0F : population_.profile[j];
      row[j] = static_cast<float>(codes[j]) * unit * theta;
      if (!population_.rest.empty()) row[j] += population_.rest[j];
    }
  }
}

}  // namespace stac::snn
