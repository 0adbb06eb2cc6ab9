// How far a spiking model's predictions are from those of the dense model that it was made from, on the same windows.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stac/eval/bootstrap.hpp"
#include "stac/eval/perplexity.hpp"
#include "stac/model/text_logits.hpp"

namespace stac::eval {

struct Fidelity {
  Perplexity dense;
  Perplexity spiking;
  double ratio = 0.0;                      ///< spiking perplexity / dense perplexity
  double kl = 0.0;                         ///< mean KL(dense || spiking) per position, nats
  double top1_agreement = 0.0;             ///< share of positions with the same most likely token
  std::optional<Interval> ratio_interval;  ///< 95%, bootstrapped over windows; none for a single window
  std::optional<Interval> kl_interval;
  std::optional<Interval> top1_interval;
  double top5_agreement = 0.0;  ///< share of positions where the dense model's most likely token is among the five most
                                ///< likely of the spiking one
  std::optional<Interval> top5_interval;
};

/// @param dense, spiking  sequences of two models with one vocabulary; reset before every window
/// @param seed  of the bootstrap
/// @throws stac::Error  as measure_perplexity
[[nodiscard]] Fidelity measure_fidelity(model::Sequence& dense, model::Sequence& spiking, const TokenWindows& text,
                                        std::uint64_t seed, const Progress& progress = {});

/// The same for several networks, in their order, the dense one read once. Every window is read by all before the next.
/// @param dense, others  of texts_to_read(text)
[[nodiscard]] std::vector<Fidelity> measure_fidelities(model::TextLogits& dense,
                                                       std::span<model::TextLogits* const> others,
                                                       const TokenWindows& text, std::uint64_t seed,
                                                       const Progress& progress = {});

}  // namespace stac::eval
