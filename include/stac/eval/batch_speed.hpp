// What several conversations in one forward gain: tokens per second of all of them, one conversation in turn with them.
#pragma once
#include <cstdint>

#include "stac/eval/speed.hpp"
#include "stac/snn/spiking_transformer.hpp"

namespace stac::eval {

struct BatchSpeed {
  std::int64_t conversations = 0;
  Rate one;       ///< tokens per second of a conversation by itself
  Rate together;  ///< the same of all of them, a token of each in every forward

  [[nodiscard]] double ratio() const { return together.median / one.median; }
};

/// Every conversation has read random ids of its own, plan.prompt_tokens of them, before plan.gen_tokens are decoded
/// one by one.
/// @param conversations  >= 1
/// @throws stac::UsageError  more tokens than the model has positions
[[nodiscard]] BatchSpeed measure_batch_speed(const snn::SpikingTransformer& network, std::int64_t conversations,
                                             const SpeedPlan& plan, const Progress& progress = {});

}  // namespace stac::eval
