#include "bench/speed_bench.hpp"

#include <algorithm>

#include "stac/cli/bench_report.hpp"

namespace stac::tools {

void bench_speed(const BenchOptions& options, const convert::OpenedModel& model, cli::Console& console,
                 nlohmann::json& report) {
  eval::SpeedPlan plan = options.speed_plan;
  plan.seed = static_cast<std::uint64_t>(console.options().seed);
  const std::int64_t room = std::max<std::int64_t>(1, model.config().max_positions - plan.gen_tokens);
  plan.prompt_tokens = options.prompt_tokens.value_or(std::min<std::int64_t>(512, room));
  if (!options.prompt_tokens && plan.prompt_tokens < 512) {
    console.note("the prompt has " + std::to_string(plan.prompt_tokens) + " tokens: the model's positions end there");
  }
  cli::ProgressBar bar = console.progress("measuring speed");
  const eval::Speed speed =
      eval::measure_speed(model.spiking(options.model.engine_kind()), model.source(), plan,
                          [&](std::int64_t done, std::int64_t total) { bar.update(done, total); });
  bar.finish();
  report["speed"] = cli::speed_json(speed, plan);
  console.print("\n" + cli::speed_text(speed, plan));
}

}  // namespace stac::tools
