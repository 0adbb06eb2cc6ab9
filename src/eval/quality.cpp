#include "stac/eval/quality.hpp"

namespace stac::eval {

Quality measure_spiking(const convert::OpenedModel& model, snn::EngineKind engine, const TokenWindows& text,
                        const Progress& progress) {
  const auto spiking = model.spiking(engine).start_spiking();
  const Perplexity perplexity = measure_perplexity(*spiking, text, progress);
  return {perplexity, std::nullopt, "not measured; --perplexity FILE compares with the dense model", spiking->ledger()};
}

Quality measure_quality(const convert::OpenedModel& model, snn::EngineKind engine, const TokenWindows& text,
                        std::uint64_t seed, const Progress& progress) {
  const model::LanguageModel* source = model.source();
  if (source == nullptr) {
    Quality quality = measure_spiking(model, engine, text, progress);
    quality.dense_missing_reason = model.source_missing_reason();
    return quality;
  }
  const auto dense = source->start();
  const auto spiking = model.spiking(engine).start_spiking();
  Fidelity fidelity = measure_fidelity(*dense, *spiking, text, seed, progress);
  const Perplexity perplexity = fidelity.spiking;
  return {perplexity, std::move(fidelity), {}, spiking->ledger()};
}

}  // namespace stac::eval
