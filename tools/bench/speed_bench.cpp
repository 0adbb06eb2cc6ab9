#include "bench/speed_bench.hpp"

#include <ATen/Parallel.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "stac/cli/bench_report.hpp"
#include "stac/cli/profile_report.hpp"
#include "stac/energy/site_shape.hpp"
#include "stac/eval/memory_bandwidth.hpp"
#include "stac/eval/model_energy.hpp"
#include "stac/eval/window_speed.hpp"

namespace stac::tools {

namespace {

/// Of every projection.
std::uint64_t weights_of(const model::TransformerConfig& config) {
  std::int64_t weights = 0;
  snn::for_each_site(config.layers, [&](std::int64_t, snn::Site site) {
    const bool has_weights = site != snn::Site::scores && site != snn::Site::mix;
    if (has_weights) weights += energy::inputs_of(config, site) * energy::outputs_of(config, site);
  });
  return static_cast<std::uint64_t>(weights);
}

std::uint64_t peak_bytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

eval::SpeedPlan plan_of(const BenchOptions& options, const convert::OpenedModel& model, const cli::Console& console) {
  eval::SpeedPlan plan = options.speed_plan_of(model.config());
  plan.seed = static_cast<std::uint64_t>(console.options().seed);
  return plan;
}

}  // namespace

void bench_speed(const BenchOptions& options, const convert::OpenedModel& model, double open_seconds,
                 cli::Console& console, nlohmann::json& report) {
  const eval::SpeedPlan plan = plan_of(options, model, console);
  if (!options.prompt_tokens && plan.prompt_tokens < 512) {
    console.note("the prompt has " + std::to_string(plan.prompt_tokens) + " tokens: the model's positions end there");
  }
  cli::SpeedSetting setting;
  setting.threads = at::get_num_threads();
  const auto start = std::chrono::steady_clock::now();
  static_cast<void>(model.spiking(options.model.engine_kind()));
  setting.load_seconds = open_seconds + std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  setting.memory_bandwidth = eval::memory_bandwidth();
  const std::uint64_t weights = weights_of(model.config());
  setting.spiking_bytes = weights * (eval::has_int8_weights(model) ? 1 : 4);
  setting.dense_bytes = weights * 4;
  setting.storage = model.config().storage;
  cli::ProgressBar bar = console.progress("measuring speed");
  const eval::Speed speed =
      eval::measure_speed(model.spiking(options.model.engine_kind()), model.source(), plan,
                          [&](std::int64_t done, std::int64_t total) { bar.update(done, total); });
  bar.finish();
  setting.peak_bytes = peak_bytes();
  report["speed"] = cli::speed_json(speed, plan, setting);
  console.print("\n" + cli::speed_text(speed, plan, setting));
}

void bench_profile(const BenchOptions& options, const convert::OpenedModel& model, cli::Console& console,
                   nlohmann::json& report) {
  const eval::SpeedPlan plan = plan_of(options, model, console);
  cli::ProgressBar bar = console.progress("measuring kernels");
  const eval::SpeedProfile profile =
      eval::measure_speed_profile(model, plan, [&](std::int64_t done, std::int64_t total) { bar.update(done, total); });
  bar.finish();
  report["kernel_times"] = cli::profile_json(profile, plan);
  console.print("\n" + cli::profile_text(profile, plan));
}

void bench_parallel(const BenchOptions& options, const convert::OpenedModel& model, cli::Console& console,
                    nlohmann::json& report) {
  const eval::SpeedPlan plan = plan_of(options, model, console);
  cli::ProgressBar bar = console.progress("measuring conversations");
  const eval::BatchSpeed speed =
      eval::measure_batch_speed(model.spiking(options.model.engine_kind()).network(), *options.parallel, plan,
                                [&](std::int64_t done, std::int64_t total) { bar.update(done, total); });
  bar.finish();
  report["batch_speed"] = cli::batch_speed_json(speed, plan, at::get_num_threads());
  console.print("\n" + cli::batch_speed_text(speed, plan, at::get_num_threads(), model.config().storage));
}

void bench_window_speed(const BenchOptions& options, const convert::OpenedModel& model, cli::Console& console,
                        nlohmann::json& report) {
  cli::ProgressBar bar = console.progress("measuring windows");
  const std::vector<eval::WindowSpeed> measured = eval::measure_window_speed(
      model, plan_of(options, model, console), [&](std::int64_t done, std::int64_t total) { bar.update(done, total); });
  bar.finish();
  report["window_speed"] = cli::window_speed_json(measured);
  console.print("\n" + cli::window_speed_text(measured));
}

}  // namespace stac::tools
