#include "stac/eval/conversion_quality.hpp"

#include <limits>
#include <memory>
#include <span>

#include "residual_errors.hpp"
#include "stac/eval/condition.hpp"
#include "stac/eval/fidelity.hpp"
#include "unseen_text.hpp"

namespace stac::eval {
namespace {

/// The networks of a pipeline, reading.
struct Readers {
  std::unique_ptr<model::Sequence> source;
  std::vector<std::unique_ptr<model::Sequence>> steps;
  std::vector<std::string> names;                 ///< of the steps
  std::unique_ptr<snn::SpikingSequence> spiking;  ///< the last step, apart from the others for its ledger

  [[nodiscard]] std::vector<model::Sequence*> in_order() const {
    std::vector<model::Sequence*> all;
    for (const auto& step : steps) all.push_back(step.get());
    all.push_back(spiking.get());
    return all;
  }
};

model::ResidualObserver both(model::ResidualObserver a, model::ResidualObserver b) {
  return [a = std::move(a), b = std::move(b)](std::int64_t layer, std::span<const float> stream) {
    a(layer, stream);
    b(layer, stream);
  };
}

Readers start(const convert::Pipeline& pipeline, ResidualErrors& errors) {
  Readers readers;
  const auto& dense = pipeline.dense;
  const bool changed = dense.size() > 1;  // else the source is the network without spikes
  readers.source = dense.front().network->start_observed(changed ? errors.of_source()
                                                                 : both(errors.of_source(), errors.of_spikeless()));
  for (std::size_t i = 1; i < dense.size(); ++i) {
    const bool last = i + 1 == dense.size();
    readers.steps.push_back(dense[i].network->start_observed(last ? errors.of_spikeless() : model::ResidualObserver()));
    readers.names.push_back(dense[i].name);
  }
  const auto& spiking = pipeline.spiking;
  for (std::size_t i = 0; i + 1 < spiking.size(); ++i) {
    readers.steps.push_back(spiking[i].network->start());
    readers.names.push_back(spiking[i].name);
  }
  readers.spiking = spiking.back().network->start_spiking(errors.of_spiking());
  readers.names.push_back(spiking.back().name);
  return readers;
}

/// A file of JSON holds no infinity.
double writable(double value) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  return value < kLargest ? value : kLargest;
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

convert::Activity activity(const snn::SiteCounts& counts) {
  return {share(counts.additions, counts.macs), share(counts.silent, counts.windows),
          share(counts.saturated, counts.windows)};
}

std::vector<convert::SiteActivity> site_activities(const snn::Ledger& ledger) {
  std::vector<convert::SiteActivity> sites;
  snn::for_each_site(ledger.layers(), [&](std::int64_t layer, snn::Site site) {
    sites.push_back({{layer, site}, activity(ledger.counts(layer, site))});
  });
  return sites;
}

convert::StepQuality described(const std::string& name, const Fidelity& fidelity) {
  return {name, writable(fidelity.ratio), writable(fidelity.kl), fidelity.top1_agreement,
          fidelity.spiking.distinct_predictions};
}

}  // namespace

convert::QualityRecord measure_conversion(const convert::Conversion& conversion,
                                          const convert::CalibrationRequest& calibration, const Progress& progress) {
  const UnseenText text = unseen_text(conversion, calibration);
  ResidualErrors errors(conversion.config.layers);
  const Readers readers = start(conversion.pipeline, errors);
  const std::vector<Fidelity> fidelities =
      measure_fidelities(*readers.source, readers.in_order(), text.windows, calibration.seed, progress);
  const Fidelity& whole = fidelities.back();
  const Diagnosis diagnosis = diagnose(whole);
  convert::QualityRecord record;
  record.text = text.name;
  record.windows = static_cast<std::int64_t>(text.windows.windows.size());
  record.context = text.windows.context;
  record.scored_tokens = whole.dense.scored_tokens;
  record.source_perplexity = writable(whole.dense.perplexity);
  record.source_distinct_predictions = whole.dense.distinct_predictions;
  for (std::size_t i = 0; i < fidelities.size(); ++i) {
    record.steps.push_back(described(readers.names[i], fidelities[i]));
  }
  if (whole.ratio_interval) {
    record.ratio_interval = {writable(whole.ratio_interval->low), writable(whole.ratio_interval->high)};
  }
  record.condition = diagnosis.condition;
  record.verdict = diagnosis.sentence;
  record.layers = errors.result();
  record.activity = activity(readers.spiking->ledger().total());
  record.sites = site_activities(readers.spiking->ledger());
  return record;
}

}  // namespace stac::eval
