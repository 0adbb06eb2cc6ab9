#include "stac/snn/ledger.hpp"

#include <algorithm>

namespace stac::snn {

std::string_view site_name(Site site) {
  switch (site) {
    case Site::query_key_value:
      return "qkv";
    case Site::scores:
      return "scores";
    case Site::mix:
      return "mix";
    case Site::attention_output:
      return "attention_output";
    case Site::up:
      return "up";
    case Site::down:
      return "down";
    case Site::head:
      return "head";
  }
  return "";
}

SiteCounts& SiteCounts::operator+=(const SiteCounts& other) {
  macs += other.macs;
  windows += other.windows;
  silent += other.silent;
  spikes += other.spikes;
  additions += other.additions;
  saturated += other.saturated;
  silent_macs += other.silent_macs;
  return *this;
}

Ledger::Ledger(std::int64_t layers) : layers_(layers), counts_(layers + 1) {}

void Ledger::add(std::int64_t layer, Site site, const SiteCounts& counts) {
  counts_.at(layer)[static_cast<std::size_t>(site)] += counts;
}

const SiteCounts& Ledger::counts(std::int64_t layer, Site site) const {
  return counts_.at(layer)[static_cast<std::size_t>(site)];
}

SiteCounts Ledger::total() const {
  SiteCounts sum;
  for (const auto& layer : counts_) {
    for (const SiteCounts& counts : layer) sum += counts;
  }
  return sum;
}

SiteCounts Ledger::total(Site site) const {
  SiteCounts sum;
  for (const auto& layer : counts_) sum += layer[static_cast<std::size_t>(site)];
  return sum;
}

double Ledger::coverage() const {
  if (demanded_macs_ == 0) return 1.0;
  return static_cast<double>(total().macs) / static_cast<double>(demanded_macs_);
}

double Ledger::additions_per_mac() const {
  const SiteCounts sum = total();
  if (sum.macs == 0) return 0.0;
  return static_cast<double>(sum.additions) / static_cast<double>(sum.macs);
}

Ledger& Ledger::operator+=(const Ledger& other) {
  for (std::size_t layer = 0; layer < counts_.size(); ++layer) {
    for (std::size_t site = 0; site < kSites.size(); ++site) counts_[layer][site] += other.counts_.at(layer)[site];
  }
  demanded_macs_ += other.demanded_macs_;
  return *this;
}

namespace {

/// Keys that the queries at positions 0 .. n - 1 see: each its own and those before it, `window` at most (0: all).
std::int64_t keys_seen(std::int64_t n, std::int64_t window) {
  const std::int64_t growing = window > 0 ? std::min(n, window) : n;
  return growing * (growing + 1) / 2 + (n - growing) * window;
}

}  // namespace

std::uint64_t dense_macs(const model::TransformerConfig& config, std::int64_t past, std::int64_t tokens,
                         std::int64_t logit_rows) {
  const std::int64_t attention_width = config.heads * config.head_dim;
  const std::int64_t key_value_width = config.kv_heads * config.head_dim;
  const std::int64_t projections = config.hidden_size * (2 * attention_width + 2 * key_value_width) +
                                   (config.gated_mlp ? 3 : 2) * config.hidden_size * config.intermediate_size;
  std::int64_t visible_keys = 0;
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    const std::int64_t window = config.keys_seen(layer);
    visible_keys += keys_seen(past + tokens, window) - keys_seen(past, window);
  }
  return static_cast<std::uint64_t>(config.layers * tokens * projections + 2 * attention_width * visible_keys +
                                    logit_rows * config.hidden_size * config.vocab_size);
}

}  // namespace stac::snn
