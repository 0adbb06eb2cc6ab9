// What became of a model that was converted, measured on text that nothing was fitted or chosen by; eval measures it
// (eval/conversion_quality.hpp), the manifest keeps it.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stac/snn/ledger.hpp"

namespace stac::convert {

/// Of a network against its source; by which rules: eval/condition.hpp.
enum class Condition { alive, damaged, dead };

/// "alive", "damaged", "dead".
[[nodiscard]] std::string_view condition_name(Condition condition);

/// A network of the pipeline against the source.
struct StepQuality {
  std::string step;             ///< PipelineStep::name
  double ratio = 1.0;           ///< perplexity over the source's
  double kl = 0.0;              ///< source to network, nats a token
  double top1_agreement = 1.0;  ///< share of positions with the same most likely token
  std::int64_t distinct_predictions = 0;

  friend bool operator==(const StepQuality&, const StepQuality&) = default;
};

/// Of the residual stream behind one layer: squared error over square, summed over the tokens.
struct LayerError {
  double of_spikes = 0.0;  ///< against the same network without spikes
  double in_all = 0.0;     ///< against the source

  friend bool operator==(const LayerError&, const LayerError&) = default;
};

/// What neurons did.
struct Activity {
  double spikes_per_activation = 0.0;  ///< spike-driven additions per MAC
  double silent = 0.0;                 ///< share of windows without a spike
  double saturated = 0.0;              ///< share of windows at full scale

  friend bool operator==(const Activity&, const Activity&) = default;
};

struct SiteActivity {
  snn::SiteId where;
  Activity activity;

  friend bool operator==(const SiteActivity&, const SiteActivity&) = default;
};

struct QualityRecord {
  std::string text;  ///< what was read
  std::int64_t windows = 0;
  std::int64_t context = 0;        ///< tokens of a window
  std::int64_t scored_tokens = 0;  ///< positions that the figures are over
  double source_perplexity = 0.0;
  std::int64_t source_distinct_predictions = 0;
  std::vector<StepQuality> steps;                       ///< in the pipeline's order; the last is the converted network
  std::optional<std::array<double, 2>> ratio_interval;  ///< 95%, of the last step, bootstrapped over windows
  Condition condition = Condition::alive;
  std::string verdict;              ///< one sentence with the figures that chose it
  std::vector<LayerError> layers;   ///< one per layer
  Activity activity;                ///< of all neurons
  std::vector<SiteActivity> sites;  ///< in the order of for_each_site

  /// The converted network.
  [[nodiscard]] const StepQuality& whole() const { return steps.back(); }

  friend bool operator==(const QualityRecord&, const QualityRecord&) = default;
};

}  // namespace stac::convert
