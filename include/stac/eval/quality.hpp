// One run over a text: the spiking model's quality, what its neurons did, and the dense source's quality beside it.
#pragma once
#include <optional>
#include <string>

#include "stac/convert/opened_model.hpp"
#include "stac/eval/fidelity.hpp"
#include "stac/snn/ledger.hpp"

namespace stac::eval {

struct Quality {
  Perplexity spiking;
  std::optional<Fidelity> fidelity;  ///< against the source checkpoint; none where it is not to be had
  std::string dense_missing_reason;  ///< why; empty where there is one
  snn::Ledger ledger;                ///< of the spiking run
};

/// Reads the windows with the spiking model and, where there is one, its source.
/// @throws stac::Error  as measure_fidelity
[[nodiscard]] Quality measure_quality(const convert::OpenedModel& model, snn::EngineKind engine,
                                      const TokenWindows& text, std::uint64_t seed, const Progress& progress = {});

/// The same of a network that was made of the model's parts, with its engine observed, say.
[[nodiscard]] Quality measure_quality(const convert::OpenedModel& model, const snn::SpikingModel& network,
                                      const TokenWindows& text, std::uint64_t seed, const Progress& progress = {});

}  // namespace stac::eval
