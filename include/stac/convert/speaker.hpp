// The source speaking for itself: text for a model that brings none.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "stac/convert/calibration_text.hpp"
#include "stac/model/config.hpp"
#include "stac/model/weights.hpp"
#include "stac/snn/spiking_model.hpp"

namespace stac::convert {

/// What samples are for. Each use has a seed of its own, so that no two see the same text.
enum class OwnText : std::uint64_t { calibration = 0, allocation = 1, logit_scale = 2, quality = 3 };

/// Samples with the source's own activation, in eight bits and eight timesteps, whatever a conversion's options say.
/// Not for use by several threads at once.
class Speaker {
 public:
  Speaker(model::TransformerConfig source, std::shared_ptr<const model::TransformerWeights> weights);

  /// Built when first asked for.
  [[nodiscard]] const snn::SpikingModel& network() const;
  /// Gives the network's memory back, which ends what network() returned; it is built again when it is asked for.
  void rest() const { network_.reset(); }

  /// @param length  tokens of a sample, at most the model's positions
  [[nodiscard]] std::vector<std::vector<std::int64_t>> samples(OwnText use, std::int64_t count, std::int64_t length,
                                                               std::uint64_t seed,
                                                               const SamplingProgress& progress = {}) const;

 private:
  model::TransformerConfig source_;
  std::shared_ptr<const model::TransformerWeights> weights_;
  mutable std::shared_ptr<const snn::SpikingModel> network_;
};

}  // namespace stac::convert
