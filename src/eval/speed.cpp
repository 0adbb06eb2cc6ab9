#include "stac/eval/speed.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <vector>

#include "stac/error.hpp"
#include "stac/eval/evaluation_text.hpp"

namespace stac::eval {
namespace {

using Clock = std::chrono::steady_clock;

struct Samples {
  std::vector<double> prefill, decode;  ///< tokens per second
  std::vector<double> first_token;      ///< seconds
};

double per_second(std::int64_t tokens, Clock::time_point start) {
  return static_cast<double>(tokens) / std::chrono::duration<double>(Clock::now() - start).count();
}

void run_once(model::Sequence& sequence, std::span<const std::int64_t> ids, const SpeedPlan& plan, Samples& samples) {
  sequence.reset();
  auto start = Clock::now();
  static_cast<void>(sequence.append(ids.first(static_cast<std::size_t>(plan.prompt_tokens)), model::LogitRows::last));
  samples.prefill.push_back(per_second(plan.prompt_tokens, start));
  samples.first_token.push_back(static_cast<double>(plan.prompt_tokens) / samples.prefill.back());
  start = Clock::now();
  for (std::int64_t i = 0; i < plan.gen_tokens; ++i) {
    static_cast<void>(
        sequence.append(ids.subspan(static_cast<std::size_t>(plan.prompt_tokens + i), 1), model::LogitRows::last));
  }
  samples.decode.push_back(per_second(plan.gen_tokens, start));
}

ModelSpeed speed_of(const Samples& samples) {
  return {rate_of(samples.prefill), rate_of(samples.decode), rate_of(samples.first_token)};
}

}  // namespace

Rate rate_of(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  const std::size_t middle = samples.size() / 2;
  const double median = samples.size() % 2 == 1 ? samples[middle] : 0.5 * (samples[middle - 1] + samples[middle]);
  return {median, samples.front(), samples.back()};
}

void require_room(const SpeedPlan& plan, const model::TransformerConfig& config) {
  const std::int64_t tokens = plan.prompt_tokens + plan.gen_tokens;
  if (tokens <= config.max_positions) return;
  throw UsageError(std::to_string(tokens) + " tokens are more than the model's " +
                       std::to_string(config.max_positions) + " positions",
                   "give smaller --prompt-tokens and --gen-tokens");
}

Speed measure_speed(const model::LanguageModel& spiking, const model::LanguageModel* dense, const SpeedPlan& plan,
                    const Progress& progress) {
  const at::NoGradGuard no_gradients;
  require_room(plan, spiking.config());
  const std::int64_t tokens = plan.prompt_tokens + plan.gen_tokens;
  const std::vector<std::int64_t> ids =
      random_windows(spiking.config().vocab_size, tokens, 1, plan.seed).windows.front();
  const auto spiking_sequence = spiking.start();
  const auto dense_sequence = dense ? dense->start() : nullptr;

  Samples warm_up, spiking_samples, dense_samples;
  for (std::int64_t r = 0; r <= plan.repetitions; ++r) {
    if (dense_sequence) run_once(*dense_sequence, ids, plan, r == 0 ? warm_up : dense_samples);
    run_once(*spiking_sequence, ids, plan, r == 0 ? warm_up : spiking_samples);
    tell(progress, r + 1, plan.repetitions + 1);
  }
  Speed speed{speed_of(spiking_samples), std::nullopt};
  if (dense_sequence) speed.dense = speed_of(dense_samples);
  return speed;
}

}  // namespace stac::eval
