// An exported module held against the engine that it was exported from, on the same text.
#pragma once
#include <torch/script.h>

#include <cstdint>
#include <vector>

#include "stac/model/text_logits.hpp"
#include "stac/snn/spiking_model.hpp"

namespace stac::torchscript {

using model::Texts;

struct Parity {
  std::int64_t positions = 0;           ///< tokens that were read
  std::int64_t exported_spikes = 0;     ///< of all sites, the head's included
  std::int64_t engine_spikes = 0;       ///< the same
  std::vector<double> layer_ratios;     ///< [layers + 1] exported spikes / engine spikes; the head's last
  double exported_perplexity = 0.0;     ///< of every text's next tokens
  double engine_perplexity = 0.0;       ///< the same
  double top1_agreement = 0.0;          ///< share of positions with the same most likely token
  double largest_logit_difference = 0;  ///< max |exported - engine|

  [[nodiscard]] double spike_ratio() const {
    return static_cast<double>(exported_spikes) / static_cast<double>(engine_spikes);
  }
  [[nodiscard]] double perplexity_ratio() const { return exported_perplexity / engine_perplexity; }
};

/// Beside each text its last three quarters stand in one batch, behind padding; the last quarter is read token by
/// token.
/// @param exported  as network_module made it or torch::jit::load opened it
/// @param texts     each read from an empty cache; of at least 2 ids and at most max_positions
/// @throws stac::Error  no text, one too short, one that the engine cannot read; the module fails (with its message),
///                      or is another model's (other shapes)
[[nodiscard]] Parity measure_parity(torch::jit::Module& exported, const snn::SpikingModel& engine, const Texts& texts);

/// What an export promises: spikes and perplexity within 0.1%, each layer's spikes within 1%, the same most likely
/// token at 99% of positions.
[[nodiscard]] bool holds(const Parity& parity);

}  // namespace stac::torchscript
