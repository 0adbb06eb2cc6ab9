// What a spiking forward did, product by product: every spike-driven product is entered here by the engine that made
// it.
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

#include "stac/model/config.hpp"

namespace stac::snn {

/// The places of a block where a population of neurons spikes into a product, and the LM head.
enum class Site { query_key_value, scores, mix, attention_output, up, down, head };
inline constexpr std::array kSites{
    Site::query_key_value, Site::scores, Site::mix, Site::attention_output, Site::up, Site::down, Site::head};

/// Those of a block that have weights.
inline constexpr std::array kBlockProjections{Site::query_key_value, Site::attention_output, Site::up, Site::down};

[[nodiscard]] std::string_view site_name(Site site);

/// One population of a network.
struct SiteId {
  std::int64_t layer = 0;  ///< the head stands behind the last layer
  Site site = Site::head;

  friend auto operator<=>(const SiteId&, const SiteId&) = default;
};

/// Counts of one site of one layer. A window is one neuron's T timesteps.
struct SiteCounts {
  std::uint64_t macs = 0;         ///< dense multiply-accumulates that the spikes replaced
  std::uint64_t windows = 0;      ///< neurons that ran a window
  std::uint64_t silent = 0;       ///< windows without a spike
  std::uint64_t spikes = 0;       ///< excitatory and inhibitory
  std::uint64_t additions = 0;    ///< SynOps: for every spike, its fan-out
  std::uint64_t saturated = 0;    ///< windows that say as much as their code can, +-largest_said(code)
  std::uint64_t silent_macs = 0;  ///< of the macs, those of silent windows: what they weigh is not read

  SiteCounts& operator+=(const SiteCounts& other);
  friend bool operator==(const SiteCounts&, const SiteCounts&) = default;
};

class Ledger {
 public:
  explicit Ledger(std::int64_t layers);

  /// @param layer  the block's index; the head is counted under layer = layers()
  void add(std::int64_t layer, Site site, const SiteCounts& counts);
  /// Products that the model's shape demands, whoever makes them: the denominator of coverage.
  void add_demand(std::uint64_t macs) { demanded_macs_ += macs; }

  [[nodiscard]] std::int64_t layers() const { return layers_; }
  [[nodiscard]] const SiteCounts& counts(std::int64_t layer, Site site) const;
  [[nodiscard]] SiteCounts total() const;
  /// One site's, over all layers.
  [[nodiscard]] SiteCounts total(Site site) const;
  [[nodiscard]] std::uint64_t demanded_macs() const { return demanded_macs_; }
  /// Spike-driven MACs over demanded MACs; 1 where nothing was demanded.
  [[nodiscard]] double coverage() const;
  /// Spike-driven additions per MAC: spikes per activation weighted by fan-out.
  [[nodiscard]] double additions_per_mac() const;

  Ledger& operator+=(const Ledger& other);
  friend bool operator==(const Ledger&, const Ledger&) = default;

 private:
  std::int64_t layers_;
  std::vector<std::array<SiteCounts, kSites.size()>> counts_;  // [layers + 1]
  std::uint64_t demanded_macs_ = 0;
};

/// Multiply-accumulates of a dense forward of `tokens` tokens after `past` cached ones, logits for the last
/// `logit_rows`.
[[nodiscard]] std::uint64_t dense_macs(const model::TransformerConfig& config, std::int64_t past, std::int64_t tokens,
                                       std::int64_t logit_rows);

}  // namespace stac::snn
