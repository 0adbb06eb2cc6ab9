#include "snn/encoded_rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "snn/elementwise_kernels.hpp"
#include "snn/integer_product.hpp"
#include "snn/row_kernels.hpp"

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

void silence_negative(std::int64_t n, std::int32_t* codes) {
  std::transform(codes, codes + n, codes, [](std::int32_t code) { return std::max(code, 0); });
}

void silence_dead_zone(const Code& code, const float* membranes, std::int64_t n, float scale, std::int32_t* codes) {
  const double zone = neuron_of(code).dead_zone;
  for (std::int64_t j = 0; j < n; ++j) {
    if (static_cast<double>(std::abs(membranes[j] / scale)) <= zone) codes[j] = 0;
  }
}

RowSpikes count(const CodeTable& table, const std::int32_t* codes, std::int64_t n) {
  RowSpikes counted;
  const std::uint8_t* const counts = table.counts();
  for (std::int64_t j = 0; j < n; ++j) {
    const std::int32_t magnitude = std::abs(codes[j]);
    const int spikes = magnitude < table.tabulated() ? counts[magnitude] : table.spoken(magnitude).spikes;
    counted.spikes += static_cast<std::uint64_t>(spikes);
    counted.silent += magnitude == 0;
  }
  return counted;
}

// A neuron with spikes left for less than its nearest integer says what it can.
void run_out(const CodeTable& table, std::int64_t n, std::int32_t* codes) {
  for (std::int64_t j = 0; j < n; ++j) {
    const auto said = static_cast<std::int32_t>(table.spoken(std::abs(codes[j])).value);
    codes[j] = codes[j] < 0 ? -said : said;
  }
}

RowSpikes run_neurons(const Code& code, const float* membranes, std::int64_t n, float scale, std::int32_t* codes) {
  const PreparedCode neuron(code);
  RowSpikes counted;
  for (std::int64_t j = 0; j < n; ++j) {
    const Spoken spoken = neuron.speak(membranes[j] / scale);
    codes[j] = static_cast<std::int32_t>(spoken.value);
    counted.spikes += static_cast<std::uint64_t>(spoken.spikes);
    counted.silent += spoken.spikes == 0;
  }
  return counted;
}

std::uint64_t count_saturated(const CodeTable& table, const std::int32_t* codes, std::int64_t n) {
  const std::int32_t largest = table.largest_said();
  std::uint64_t saturated = 0;
  for (std::int64_t j = 0; j < n; ++j) saturated += codes[j] == largest || codes[j] == -largest;
  return saturated;
}

// Whether a code's windows and their counts follow from a table of bytes alone.
bool by_bytes(const Code& code, const CodeTable& table) {
  return says_nearest_integer(code) && code.dead_zone == 0.0 && table.tabulated() <= kByteLevels && !table.runs_out();
}

// All groups in one pass, where they are small and many.
RowSpikes encode_groups(const Code& code, const CodeTable& table, const float* membranes, std::int64_t n,
                        const std::vector<GroupGain>& groups, std::int32_t* codes) {
  thread_local std::vector<float> scales;
  scales.resize(n);
  for (const GroupGain& group : groups) {
    const float scale = group.scale > 0.0F ? group.scale : std::numeric_limits<float>::infinity();
    std::fill_n(scales.begin() + group.first, group.count, scale);
  }
  if (nearest_codes_of_each(membranes, n, scales.data(), table.full_scale(), codes)) {
    for (const GroupGain& group : groups) {
      if (group.scale == 0.0F) continue;
      settle_ties(table, membranes + group.first, group.count, group.scale, codes + group.first);
    }
  }
  if (code.polarity == Polarity::excitatory) silence_negative(n, codes);
  const CodeCounts counted = count_codes(codes, n, table.counts(), table.tabulated(), table.largest_said());
  return {counted.spikes, counted.silent, counted.largest};
}

}  // namespace

RowSpikes& RowSpikes::operator+=(const RowSpikes& other) {
  spikes += other.spikes;
  silent += other.silent;
  saturated += other.saturated;
  return *this;
}

RowSpikes encode_channels(const Code& code, const CodeTable& table, const float* membranes, std::int64_t n, float scale,
                          std::int32_t* codes) {
  if (scale == 0.0F) {
    std::fill_n(codes, n, 0);
    return {0, static_cast<std::uint64_t>(n), count_saturated(table, codes, n)};
  }
  if (!says_nearest_integer(code)) {
    RowSpikes counted = run_neurons(code, membranes, n, scale, codes);
    counted.saturated = count_saturated(table, codes, n);
    return counted;
  }
  if (nearest_codes(membranes, n, scale, table.full_scale(), codes)) settle_ties(table, membranes, n, scale, codes);
  if (code.polarity == Polarity::excitatory) silence_negative(n, codes);
  if (code.dead_zone > 0.0) silence_dead_zone(code, membranes, n, scale, codes);
  if (table.tabulated() <= kByteLevels && !table.runs_out()) {
    const CodeCounts counted = count_codes(codes, n, table.counts(), table.tabulated(), table.largest_said());
    return {counted.spikes, counted.silent, counted.largest};
  }
  RowSpikes counted = count(table, codes, n);
  if (table.runs_out()) run_out(table, n, codes);
  counted.saturated = count_saturated(table, codes, n);
  return counted;
}

EncodedRows::EncodedRows(const CodeTable& table, const Population& population, std::int64_t rows, std::int64_t width)
    : table_(&table),
      population_(&population),
      largest_(static_cast<std::int32_t>(largest_contribution(population))),
      rows_(rows),
      stride_((width + 1) / 2 * 2),
      slices_(largest_ > kLargestSingleSlice ? 2 : 1),
      codes_(std::make_unique_for_overwrite<std::int16_t[]>(slices_ * rows_ * stride_)),
      silent_(rows) {}

RowSpikes EncodedRows::encode(std::int64_t row, std::int64_t first, const float* membranes, std::int64_t n,
                              const RowGains& gains) {
  thread_local std::vector<std::int32_t> codes;  // reused: rows are encoded by the million
  codes.resize(n);
  const bool at_once = gains.groups.size() > 1 && by_bytes(population_->code, *table_);
  RowSpikes counted;
  if (at_once) counted = encode_groups(population_->code, *table_, membranes, n, gains.groups, codes.data());
  for (const GroupGain& group : gains.groups) {
    std::int32_t* const own = codes.data() + group.first;
    if (!at_once) {
      counted += encode_channels(population_->code, *table_, membranes + group.first, group.count, group.scale, own);
    }
    if (group.multiplier != 1)
      std::for_each(own, own + group.count, [&](std::int32_t& code) { code *= group.multiplier; });
  }
  store(row, first, codes);
  silent_[row] = counted.silent;
  return counted;
}

void EncodedRows::store(std::int64_t row, std::int64_t first, const std::vector<std::int32_t>& codes) {
  const auto last = first + static_cast<std::int64_t>(codes.size());
  for (int index = 0; index < slices_; ++index) {
    std::int16_t* const slice = codes_.get() + (index * rows_ + row) * stride_;
    std::fill(slice, slice + first, std::int16_t{0});
    std::fill(slice + last, slice + stride_, std::int16_t{0});
  }
  std::int16_t* const low = codes_.get() + row * stride_ + first;
  if (slices_ == 1) {
    std::transform(codes.begin(), codes.end(), low, [](std::int32_t code) { return static_cast<std::int16_t>(code); });
    return;
  }
  std::int16_t* const high = low + rows_ * stride_;
  for (std::size_t j = 0; j < codes.size(); ++j) {
    high[j] = static_cast<std::int16_t>(codes[j] >> kSliceBits);
    low[j] = static_cast<std::int16_t>(codes[j] & ((1 << kSliceBits) - 1));
  }
}

void EncodedRows::multiply(const std::int16_t* panel, Slices slices, std::int64_t pairs, std::int64_t first,
                           std::int64_t rows, std::vector<std::int64_t>& sums) const {
  multiply_parts([panel](std::int64_t, std::int64_t) { return panel; }, pairs, slices, pairs, first, rows, sums);
}

}  // namespace stac::snn
