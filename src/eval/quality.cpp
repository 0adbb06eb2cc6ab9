#include "stac/eval/quality.hpp"

namespace stac::eval {

namespace {

Quality measure_spiking(const snn::SpikingModel& network, const TokenWindows& text, const Progress& progress) {
  const auto spiking = network.start_spiking();
  const Perplexity perplexity = measure_perplexity(*spiking, text, progress);
  return {perplexity, std::nullopt, {}, spiking->ledger()};
}

}  // namespace

Quality measure_quality(const convert::OpenedModel& model, snn::EngineKind engine, const TokenWindows& text,
                        std::uint64_t seed, const Progress& progress) {
  return measure_quality(model, model.spiking(engine), text, seed, progress);
}

Quality measure_quality(const convert::OpenedModel& model, const snn::SpikingModel& network, const TokenWindows& text,
                        std::uint64_t seed, const Progress& progress) {
  const model::LanguageModel* source = model.source();
  if (source == nullptr) {
    Quality quality = measure_spiking(network, text, progress);
    quality.dense_missing_reason = model.source_missing_reason();
    return quality;
  }
  const auto dense = source->start();
  const auto spiking = network.start_spiking();
  Fidelity fidelity = measure_fidelity(*dense, *spiking, text, seed, progress);
  const Perplexity perplexity = fidelity.spiking;
  return {perplexity, std::move(fidelity), {}, spiking->ledger()};
}

}  // namespace stac::eval
