#include "spike_count.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <span>
#include <vector>

#include "visible_keys.hpp"

namespace stac::eval {
namespace {

/// Of a group's gain below the loudest group's (docs/theory.md, "Groups").
float gain_steps(std::int64_t levels) { return levels < 16 ? 64.0F : levels < 64 ? 32.0F : 16.0F; }

float largest(const std::vector<float>& values, std::int64_t first, std::int64_t count) {
  float most = 0.0F;
  for (std::int64_t i = first; i < first + count; ++i) most = std::max(most, std::abs(values[i]));
  return most;
}

/// Of four gains from `least` to 5/4 of it, the one that leaves least of the group unsaid; the smallest of equals.
float best_share(const snn::Code& code, std::span<const float> group, float step, float least) {
  const auto full = static_cast<float>(snn::full_scale(code));
  std::vector<double> unsaid;
  for (int more = 0; more < 4; ++more) {
    const float scale = step * (least + std::floor(least * static_cast<float>(more) / 12.0F));
    unsaid.push_back(0.0);
    for (const float membrane : group) {
      const float level = std::max(-full, std::min(std::nearbyint(membrane / scale), full));
      const double rest = static_cast<double>(membrane) - static_cast<double>(level) * static_cast<double>(scale);
      unsaid.back() += rest * rest;
    }
  }
  const auto more = std::min_element(unsaid.begin(), unsaid.end()) - unsaid.begin();
  return least + std::floor(least * static_cast<float>(more) / 12.0F);
}

/// Membrane units per integer step of every group; 0: silent.
std::vector<float> steps_of(const snn::Population& population, const std::vector<float>& row, std::int64_t width) {
  const auto channels = static_cast<std::int64_t>(row.size());
  std::vector<float> magnitudes = population.full_scale;
  for (std::int64_t first = 0; population.full_scale.empty() && first < channels; first += width) {
    magnitudes.push_back(largest(row, first, std::min(width, channels - first)));
  }
  const float loudest = *std::max_element(magnitudes.begin(), magnitudes.end());
  const float step = snn::scale_for(population.code, loudest);
  const float gains = gain_steps(snn::full_scale(population.code));
  const bool tries = population.group != 0 && population.full_scale.empty() &&
                     population.code.kind == snn::CodeKind::phase && gains == 64.0F;
  if (magnitudes.size() == 1 && !tries) return {step};
  std::vector<float> steps;
  for (const float magnitude : magnitudes) {
    float share = magnitude == 0.0F ? 0.0F : std::clamp(std::ceil(gains * (magnitude / loudest)), 1.0F, gains);
    const auto first = static_cast<std::int64_t>(steps.size()) * width;
    const auto count = static_cast<std::size_t>(std::min(width, channels - first));
    if (tries && share > 0.0F && step > 0.0F) {
      share = best_share(population.code, {row.data() + first, count}, step / gains, share);
    }
    steps.push_back(step / gains * share);
  }
  return steps;
}

snn::SiteCounts count_row(const snn::Population& population, std::span<const float> membranes, std::uint64_t targets) {
  std::vector<float> row(membranes.begin(), membranes.end());
  for (std::size_t j = 0; j < population.profile.size(); ++j) row[j] /= population.profile[j];
  const auto channels = static_cast<std::int64_t>(row.size());
  const std::int64_t width = population.group == 0 ? channels : population.group;
  const std::vector<float> steps = steps_of(population, row, width);
  const std::int64_t full = snn::largest_said(population.code);
  snn::SiteCounts counts;
  for (std::int64_t j = 0; j < channels; ++j) {
    const float step = steps[j / width];
    const snn::SpikeTrain train = snn::simulate_window(population.code, step == 0.0F ? 0.0F : row[j] / step);
    const auto spikes =
        static_cast<std::uint64_t>(std::count_if(train.begin(), train.end(), [](auto s) { return s != 0; }));
    const bool saturated = std::abs(snn::decode(population.code, train)) == full;
    counts += {targets, 1, spikes == 0, spikes, spikes * targets, saturated, spikes == 0 ? targets : 0};
  }
  return counts;
}

}  // namespace

std::uint64_t SpikeCount::fan_out(snn::SiteId where, std::int64_t position) const {
  switch (where.site) {
    case snn::Site::query_key_value:
      return static_cast<std::uint64_t>((config_.heads + 2 * config_.kv_heads) * config_.head_dim);
    case snn::Site::scores:
      return keys_visible(config_, where.layer, position);
    case snn::Site::up:
      return static_cast<std::uint64_t>((config_.gated_mlp ? 2 : 1) * config_.intermediate_size);
    case snn::Site::head:
      return static_cast<std::uint64_t>(config_.vocab_size);
    default:
      return static_cast<std::uint64_t>(config_.hidden_size);
  }
}

void SpikeCount::see(snn::SiteId where, const float* membranes, std::int64_t rows, std::int64_t channels) {
  const bool per_head = where.site == snn::Site::scores;
  const std::int64_t width = per_head ? config_.head_dim : channels;
  const snn::Population layer = plan_.at(where.layer, where.site);
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::uint64_t targets = fan_out(where, rows_seen_[where]++);
    for (std::int64_t first = 0; first < channels; first += width) {
      snn::Population population = layer;
      if (per_head && !layer.full_scale.empty()) population.full_scale = {layer.full_scale.at(first / width)};
      counts_[where] +=
          count_row(population, {membranes + row * channels + first, static_cast<std::size_t>(width)}, targets);
    }
  }
}

}  // namespace stac::eval
