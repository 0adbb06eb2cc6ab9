#include "stac/eval/batch_speed.hpp"

#include <ATen/core/grad_mode.h>

#include <chrono>
#include <span>
#include <vector>

#include "stac/eval/evaluation_text.hpp"

namespace stac::eval {
namespace {

using Clock = std::chrono::steady_clock;

/// Decodes behind prompts of its own that it reads first. @return  tokens per second of the decoding
double decode_rate(const snn::SpikingTransformer& network, std::span<const std::vector<std::int64_t>> texts,
                   const SpeedPlan& plan) {
  std::vector<snn::SequenceState> states;
  for (std::size_t i = 0; i < texts.size(); ++i) states.push_back(network.new_state());
  snn::Ledger ledger(network.config().layers);
  const auto read = [&](std::int64_t first, std::int64_t count) {
    std::vector<snn::SequenceInput> inputs;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      inputs.push_back(
          {std::span(texts[i]).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)), &states[i]});
    }
    static_cast<void>(network.forward(inputs, model::LogitRows::last, ledger));
  };
  read(0, plan.prompt_tokens);
  const auto start = Clock::now();
  for (std::int64_t i = 0; i < plan.gen_tokens; ++i) read(plan.prompt_tokens + i, 1);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return static_cast<double>(std::ssize(texts) * plan.gen_tokens) / seconds;
}

}  // namespace

BatchSpeed measure_batch_speed(const snn::SpikingTransformer& network, std::int64_t conversations,
                               const SpeedPlan& plan, const Progress& progress) {
  const at::NoGradGuard no_gradients;
  require_room(plan, network.config());
  const auto texts =
      random_windows(network.config().vocab_size, plan.prompt_tokens + plan.gen_tokens, conversations, plan.seed)
          .windows;
  std::vector<double> one, together;
  for (std::int64_t r = 0; r <= plan.repetitions; ++r) {
    const double alone = decode_rate(network, std::span(texts).first(1), plan);
    const double all = decode_rate(network, texts, plan);
    tell(progress, r + 1, plan.repetitions + 1);
    if (r == 0) continue;  // it warms up
    one.push_back(alone);
    together.push_back(all);
  }
  return {conversations, rate_of(one), rate_of(together)};
}

}  // namespace stac::eval
