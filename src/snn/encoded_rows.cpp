#include "snn/encoded_rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "snn/elementwise_kernels.hpp"
#include "snn/integer_product.hpp"

namespace stac::snn {

namespace {

constexpr std::int32_t kLargestSingleSlice = (1 << 14) - 1;

// The neuron's own answer where a membrane lies exactly between two levels.
void settle_ties(const CodeTable& table, const float* membranes, std::int64_t n, float scale, std::int32_t* codes) {
  for (std::int64_t j = 0; j < n; ++j) {
    const float magnitude = std::abs(membranes[j] / scale);
    const std::int32_t below = std::abs(codes[j]);
    if (below >= table.full_scale() || magnitude - static_cast<float>(below) != 0.5F || !table.tie_goes_up(below))
      continue;
    codes[j] = membranes[j] < 0 ? -(below + 1) : below + 1;
  }
}

RowSpikes count(const CodeTable& table, const std::int32_t* codes, std::int64_t n) {
  RowSpikes counted;
  const std::uint8_t* const counts = table.counts();
  for (std::int64_t j = 0; j < n; ++j) {
    const std::int32_t magnitude = std::abs(codes[j]);
    const int spikes = magnitude < table.tabulated() ? counts[magnitude] : table.spike_count(magnitude);
    counted.spikes += static_cast<std::uint64_t>(spikes);
    counted.silent += magnitude == 0;
  }
  return counted;
}

}  // namespace

void encode_row(const CodeTable& table, const float* membranes, std::int64_t n, float scale, std::int32_t* codes) {
  if (nearest_codes(membranes, n, scale, table.full_scale(), codes)) settle_ties(table, membranes, n, scale, codes);
}

EncodedRows::EncodedRows(const CodeTable& table, std::int64_t rows, std::int64_t width)
    : table_(&table),
      rows_(rows),
      stride_((width + 1) / 2 * 2),
      slices_(table.full_scale() > kLargestSingleSlice ? 2 : 1),
      codes_(slices_ * rows_ * stride_) {}

RowSpikes EncodedRows::encode(std::int64_t row, const float* membranes, std::int64_t n, float scale) {
  if (scale == 0.0F) return {0, static_cast<std::uint64_t>(n)};
  thread_local std::vector<std::int32_t> scratch;  // reused: rows are encoded by the million
  scratch.resize(n);
  encode_row(*table_, membranes, n, scale, scratch.data());
  std::int16_t* const low = codes_.data() + row * stride_;
  if (slices_ == 1) {
    std::transform(scratch.begin(), scratch.end(), low,
                   [](std::int32_t code) { return static_cast<std::int16_t>(code); });
    return count(*table_, scratch.data(), n);
  }
  std::int16_t* const high = low + rows_ * stride_;
  for (std::int64_t j = 0; j < n; ++j) {
    high[j] = static_cast<std::int16_t>(scratch[j] >> kSliceBits);
    low[j] = static_cast<std::int16_t>(scratch[j] & ((1 << kSliceBits) - 1));
  }
  return count(*table_, scratch.data(), n);
}

void EncodedRows::multiply(const std::int16_t* panel, std::int64_t pairs, std::vector<std::int64_t>& sums) const {
  const std::int32_t largest = slices_ == 1 ? table_->full_scale() : 1 << kSliceBits;
  const std::int64_t flush_pairs = pairs_per_flush(largest);
  std::fill(sums.begin(), sums.end(), 0);
  for (int slice = slices_ - 1; slice >= 0; --slice) {  // Horner, the highest slice first
    if (slice + 1 < slices_) {
      for (std::int64_t& sum : sums) sum <<= kSliceBits;
    }
    accumulate_panel(panel, pairs, codes_.data() + slice * rows_ * stride_, stride_, rows_, flush_pairs, sums.data());
  }
}

}  // namespace stac::snn
