// What the neurons of every site did.
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstdlib>

#include "check_list.hpp"
#include "findings.hpp"
#include "formatted.hpp"
#include "sites.hpp"

namespace stac::eval {
namespace {

constexpr double kLargestRate = 0.9;  ///< spikes a timestep: a neuron that does more says little but "more than I can"
constexpr double kSpareSaturation = 0.05;
constexpr int kGrid = 256;

/// The share of full scale from which on a window says all that it can.
double saturating_fraction(const snn::Code& code) {
  const std::int64_t largest = snn::largest_said(code);
  const auto full = static_cast<float>(snn::full_scale(code));
  int step = kGrid;
  while (step > 1 && std::abs(snn::speak(code, full * static_cast<float>(step - 1) / kGrid).value) >= largest) --step;
  return static_cast<double>(step) / kGrid;
}

/// Windows that may say all they can: those of membranes spread evenly up to full scale, a few, and the largest of
/// every group where thresholds follow it.
double allowed_saturation(const snn::Population& population, std::uint64_t channels) {
  const double even = std::max(0.0, 1.0 - population.code.headroom * saturating_fraction(population.code));
  const double group = population.group > 0 ? static_cast<double>(population.group) : static_cast<double>(channels);
  const double largest = population.full_scale.empty() ? 1.0 / std::max(group, 1.0) : 0.0;
  return std::min(1.0, even + largest + kSpareSaturation);
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

class SpikeCheck {
 public:
  explicit SpikeCheck(CheckRun& run) : config_(run.model().config()), plan_(run.network_plan()) {
    const auto sequence = run.spiking().start_spiking();
    static_cast<void>(sequence->append(run.random_text(), model::LogitRows::all));
    ledger_ = sequence->ledger();
    tokens_ = static_cast<std::uint64_t>(sequence->length());
  }

  [[nodiscard]] CheckResult result() {
    const std::uint64_t driven = ledger_.total().macs;
    findings_.expect(
        driven == ledger_.demanded_macs() && driven > 0,
        std::to_string(driven) + " of " + std::to_string(ledger_.demanded_macs()) + " MACs are driven by spikes");
    for_each_counted_site(ledger_, [&](std::int64_t layer, snn::Site site, const snn::SiteCounts& counts) {
      judge(site_text(ledger_, layer, site), plan_.at(layer, site), site, counts);
    });
    return findings_.result(
        formatted("coverage %.4g%%, %.3f additions per MAC, %.3g to %.3g spikes a window and timestep, at full scale "
                  "%.2g%% at most",
                  100.0 * ledger_.coverage(), ledger_.additions_per_mac(), lowest_, highest_, 100.0 * fullest_),
        formatted("every MAC driven, no site silent, rate up to %g, at full scale what an even spread has and %g%%",
                  kLargestRate, 100.0 * kSpareSaturation));
  }

 private:
  /// Neurons of one window's population. A softmax row has one for each key: on average half the text's.
  [[nodiscard]] std::uint64_t channels(snn::Site site, const snn::SiteCounts& counts) const {
    const auto heads = static_cast<std::uint64_t>(config_.heads);
    if (site == snn::Site::scores) return static_cast<std::uint64_t>(config_.head_dim);
    if (site == snn::Site::mix) return counts.windows / (tokens_ * heads);
    return counts.windows / tokens_;
  }

  void judge(const std::string& where, const snn::Population& population, snn::Site site,
             const snn::SiteCounts& counts) {
    findings_.expect(counts.spikes > 0, where + " is silent");
    const double rate = share(counts.spikes, counts.windows) / population.code.timesteps;
    findings_.expect(rate <= kLargestRate, where + formatted(" fires %.3f spikes a timestep", rate));
    const double full = share(counts.saturated, counts.windows);
    const double allowed = site == snn::Site::mix ? allowed_mix_saturation(population, counts)
                                                  : allowed_saturation(population, channels(site, counts));
    findings_.expect(full <= allowed,
                     where + formatted(" is saturated: %.1f%% of its windows are at full scale, %.1f%% "
                                       "may be",
                                       100.0 * full, 100.0 * allowed));
    lowest_ = std::min(lowest_, rate);
    highest_ = std::max(highest_, rate);
    fullest_ = std::max(fullest_, full);
  }

  /// The first tokens see few keys, whose weights are alike and large: their rows count as wholly saturated.
  [[nodiscard]] double allowed_mix_saturation(const snn::Population& population, const snn::SiteCounts& counts) const {
    const auto rows = static_cast<double>(tokens_ * static_cast<std::uint64_t>(config_.heads));
    const double short_rows = std::min(rows, 4.0 * static_cast<double>(config_.heads)) * 2.5;
    return std::min(1.0, allowed_saturation(population, channels(snn::Site::mix, counts)) +
                             short_rows / static_cast<double>(counts.windows));
  }

  const model::TransformerConfig& config_;
  snn::Plan plan_;
  snn::Ledger ledger_{0};
  std::uint64_t tokens_ = 0;
  double lowest_ = 1.0, highest_ = 0.0, fullest_ = 0.0;
  Findings findings_;
};

}  // namespace

CheckResult check_spikes(CheckRun& run) {
  const at::NoGradGuard no_gradients;
  return SpikeCheck(run).result();
}

}  // namespace stac::eval
