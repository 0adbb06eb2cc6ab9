#include "stac/eval/int8_zeros.hpp"

#include <algorithm>
#include <cmath>

namespace stac::eval {
namespace {

constexpr float kLargest = 127.0F;

std::uint64_t nonzeros(const float* row, std::int64_t n) {
  float largest = 0.0F;
  for (std::int64_t j = 0; j < n; ++j) largest = std::max(largest, std::abs(row[j]));
  if (largest == 0.0F) return 0;
  const float step = largest / kLargest;
  return static_cast<std::uint64_t>(
      std::count_if(row, row + n, [step](float value) { return std::abs(value / step) > 0.5F; }));
}

}  // namespace

std::uint64_t Int8Zeros::fan_out(snn::SiteId where, std::int64_t position) const {
  if (where.site == snn::Site::scores) {
    return static_cast<std::uint64_t>(std::min(position + 1, config_.keys_seen(where.layer)));
  }
  if (where.site == snn::Site::mix) return static_cast<std::uint64_t>(config_.head_dim);
  return static_cast<std::uint64_t>(energy::outputs_of(config_, where.site));
}

void Int8Zeros::see(snn::SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) {
  const std::int64_t width = where.site == snn::Site::scores ? config_.head_dim : channels;
  std::uint64_t& kept = kept_[where];
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t first = 0; first < channels; first += width) {
      kept += nonzeros(membranes + row * channels + first, width) * fan_out(where, row);
    }
  }
}

}  // namespace stac::eval
