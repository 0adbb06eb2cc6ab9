#include "stac/eval/conversion_quality.hpp"

#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "residual_errors.hpp"
#include "stac/eval/condition.hpp"
#include "stac/eval/fidelity.hpp"
#include "stac/model/dense_pass.hpp"
#include "stac/snn/spiking_pass.hpp"
#include "unseen_text.hpp"
#include "window_reading.hpp"

namespace stac::eval {
namespace {

/// The networks of a pipeline, reading.
struct Readers {
  std::unique_ptr<model::DensePass> source;
  std::vector<std::unique_ptr<model::LayerwisePass>> steps;
  std::vector<std::string> names;                   ///< of the steps, and of the last
  const model::LayerwisePass* spikeless = nullptr;  ///< the network without spikes
  std::unique_ptr<snn::SpikingPass> spiking;        ///< the last step, apart from the others for its ledger

  [[nodiscard]] std::vector<model::TextLogits*> in_order() const {
    std::vector<model::TextLogits*> all;
    for (const auto& step : steps) all.push_back(step.get());
    all.push_back(spiking.get());
    return all;
  }

  void run_layer() const {
    source->run_layer();
    for (const auto& step : steps) step->run_layer();
    spiking->run_layer();
  }
};

Readers start(const convert::Pipeline& pipeline, const model::Texts& texts) {
  Readers readers;
  const auto pass = [&](const convert::DenseStep& step) {
    return std::make_unique<model::DensePass>(step.config, step.weights, texts);
  };
  readers.source = pass(pipeline.dense.front());
  readers.spikeless = readers.source.get();  // unless something was changed
  for (std::size_t i = 1; i < pipeline.dense.size(); ++i) {
    readers.spikeless = readers.steps.emplace_back(pass(pipeline.dense[i])).get();
    readers.names.push_back(pipeline.dense[i].name);
  }
  for (std::size_t i = 0; i + 1 < pipeline.spiking.size(); ++i) {
    readers.steps.push_back(std::make_unique<snn::SpikingPass>(pipeline.spiking[i].parts, texts));
    readers.names.push_back(pipeline.spiking[i].name);
  }
  readers.spiking = std::make_unique<snn::SpikingPass>(pipeline.spiking.back().parts, texts);
  readers.names.push_back(pipeline.spiking.back().name);
  return readers;
}

std::vector<convert::LayerError> run_layers(const Readers& readers, std::int64_t layers,
                                            const convert::Progress& progress) {
  std::vector<convert::LayerError> errors;
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    if (progress) {
      progress("measuring quality, layer " + std::to_string(layer + 1) + " of " + std::to_string(layers), layer,
               layers);
    }
    readers.run_layer();
    errors.push_back(residual_error(readers.source->stream(), readers.spikeless->stream(), readers.spiking->stream()));
  }
  return errors;
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
                                          const convert::CalibrationRequest& calibration,
                                          const convert::Progress& progress) {
  const auto at = [&progress](const char* stage) -> Progress {
    if (!progress) return {};
    return [&progress, stage](std::int64_t done, std::int64_t total) { progress(stage, done, total); };
  };
  const UnseenText text = unseen_text(conversion, calibration, at("sampling text to measure on"));
  const Readers readers = start(conversion.pipeline, texts_to_read(text.windows));
  std::vector<convert::LayerError> errors = run_layers(readers, conversion.config.layers, progress);
  const std::vector<Fidelity> fidelities =
      measure_fidelities(*readers.source, readers.in_order(), text.windows, calibration.seed, at("measuring quality"));
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
  record.layers = std::move(errors);
  record.activity = activity(readers.spiking->ledger().total());
  record.sites = site_activities(readers.spiking->ledger());
  return record;
}

}  // namespace stac::eval
