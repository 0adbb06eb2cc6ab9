// Tokens per second on random ids, the dense model alternating with the spiking one so that both see the same machine.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "stac/eval/progress.hpp"
#include "stac/model/language_model.hpp"

namespace stac::eval {

struct SpeedPlan {
  std::int64_t prompt_tokens = 512;  ///< read in one forward
  std::int64_t gen_tokens = 128;     ///< read one by one behind them
  std::int64_t repetitions = 5;      ///< after one warm-up
  std::uint64_t seed = 0;
};

/// Over the repetitions, tokens per second unless said.
struct Rate {
  double median = 0.0;
  double least = 0.0;
  double most = 0.0;
};

/// @param samples  at least one
[[nodiscard]] Rate rate_of(std::vector<double> samples);

struct ModelSpeed {
  Rate prefill;
  Rate decode;
  Rate first_token;  ///< seconds from the prompt's ids to the first token's logits, in place of tokens per second
};

struct Speed {
  ModelSpeed spiking;
  std::optional<ModelSpeed> dense;
};

/// @throws stac::UsageError  more tokens than the model has positions
void require_room(const SpeedPlan& plan, const model::TransformerConfig& config);

/// @param dense  what stands beside it in turn: the dense source, or another network; may be null
/// @throws stac::UsageError  more tokens than the model has positions
[[nodiscard]] Speed measure_speed(const model::LanguageModel& spiking, const model::LanguageModel* dense,
                                  const SpeedPlan& plan, const Progress& progress = {});

}  // namespace stac::eval
