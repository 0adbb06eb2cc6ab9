#include "stac/eval/speed_profile.hpp"

#include <ATen/core/grad_mode.h>

#include <span>

#include "stac/eval/evaluation_text.hpp"

namespace stac::eval {

namespace {

void add(const snn::KernelSeconds& before, const snn::KernelSeconds& after, double share, snn::KernelSeconds& mean) {
  for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += (after[i] - before[i]) * share;
}

}  // namespace

SpeedProfile measure_speed_profile(const convert::OpenedModel& model, const SpeedPlan& plan, const Progress& progress) {
  const at::NoGradGuard no_gradients;
  require_room(plan, model.config());
  const std::vector<std::int64_t> ids =
      random_windows(model.config().vocab_size, plan.prompt_tokens + plan.gen_tokens, 1, plan.seed).windows.front();
  const std::span<const std::int64_t> prompt(ids.data(), static_cast<std::size_t>(plan.prompt_tokens));
  const std::span<const std::int64_t> rest(ids.data() + plan.prompt_tokens, static_cast<std::size_t>(plan.gen_tokens));

  snn::KernelClock clock;
  const snn::SpikingModel network = model.network(model.plan(), snn::make_fused_engine(clock), model.config().storage);
  const auto sequence = network.start();
  const auto read = [&](std::span<const std::int64_t> some) {
    static_cast<void>(sequence->append(some, model::LogitRows::last));
    clock.lap(snn::Kernel::other);
  };
  SpeedProfile profile;
  const double share = 1.0 / static_cast<double>(plan.repetitions);
  for (std::int64_t r = 0; r <= plan.repetitions; ++r) {
    sequence->reset();
    const snn::KernelSeconds at_start = clock.seconds();
    clock.start();
    read(prompt);
    const snn::KernelSeconds behind_prompt = clock.seconds();
    for (std::size_t i = 0; i < rest.size(); ++i) read(rest.subspan(i, 1));
    if (r > 0) {  // the first warms up
      add(at_start, behind_prompt, share, profile.prefill);
      add(behind_prompt, clock.seconds(), share, profile.decode);
    }
    tell(progress, r + 1, plan.repetitions + 1);
  }
  return profile;
}

}  // namespace stac::eval
