#include "stac/snn/spoken_values.hpp"

#include <algorithm>
#include <vector>

#include "snn/code_table.hpp"
#include "snn/encoded_rows.hpp"
#include "snn/membrane_functions.hpp"

namespace stac::snn {

SpokenValues::SpokenValues(const PhaseCode& code) {
  require_valid(code);
  table_ = std::make_unique<const CodeTable>(code);
}

SpokenValues::~SpokenValues() = default;

void SpokenValues::apply(float* row, std::int64_t n) const {
  const float scale = adaptive_scale(table_->code(), largest_magnitude(row, n));
  if (scale == 0.0F) return void(std::fill_n(row, n, 0.0F));
  std::vector<std::int32_t> codes(n);
  encode_row(*table_, row, n, scale, codes.data());
  std::transform(codes.begin(), codes.end(), row,
                 [scale](std::int32_t code) { return static_cast<float>(code) * scale; });
}

}  // namespace stac::snn
