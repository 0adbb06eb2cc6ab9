// stac-bench: is it still the model, what did its neurons do, what would that save, and how fast is it.
#include <ATen/Parallel.h>

#include <algorithm>

#include "stac/cli/bench_report.hpp"
#include "stac/cli/model_options.hpp"
#include "stac/cli/tool.hpp"
#include "stac/error.hpp"
#include "stac/eval/evaluation_text.hpp"
#include "stac/eval/model_energy.hpp"
#include "stac/model/matmul_benchmark.hpp"

namespace {

using namespace stac;

constexpr std::int64_t kMost = std::int64_t{1} << 40;
constexpr std::int64_t kDefaultContext = 256;
constexpr std::int64_t kGlanceWindows = 4;  ///< of the bundled text, where no text was given: a matter of seconds

struct Options {
  cli::ModelFlags model;
  std::optional<std::filesystem::path> perplexity;
  std::optional<std::int64_t> context, windows, prompt_tokens;
  std::string bos = "auto", energy_model = "horowitz-45nm";
  bool matmul = false, energy = false, speed = false;
  eval::SpeedPlan speed_plan;

  void declare(cli::FlagSet& flags) {
    model.declare(flags);
    flags.section("What to measure (default: quality on the bundled text, energy, the matrix product)");
    flags.path("--perplexity", perplexity, "FILE", "perplexity and fidelity on this text");
    flags.toggle("--energy", energy, "spikes of every site, and energy against dense f32");
    flags.toggle("--matmul", matmul, "GFLOP/s of the f32 product that dense figures rest on");
    flags.toggle("--speed", speed, "tokens per second beside dense LibTorch, on random ids");
    flags.section("Text");
    flags.integer("-c,--context", context, {2, kMost}, "tokens of a window (default 256)");
    flags.alias("--max-context-length", "--context");
    flags.integer("--windows", windows, {1, kMost},
                  "windows at most (default: the whole of --perplexity's text, else 4)");
    flags.alias("--num-samples", "--windows");  // here of the text that is measured on
    flags.choice("--bos", bos, {"auto", "yes", "no"}, "begin windows with BOS (default: as the tokenizer says)");
    flags.section("Energy and speed");
    flags.text("--energy-model", energy_model, "NAME|FILE", "a model of configs/energy (default horowitz-45nm)");
    flags.integer("--prompt-tokens", prompt_tokens, {1, kMost}, "tokens of the prompt (default 512, less if need be)");
    flags.integer("--gen-tokens", speed_plan.gen_tokens, {1, kMost}, "tokens decoded behind it (default 128)");
    flags.integer("--repetitions", speed_plan.repetitions, {1, 1000}, "measured after a warm-up (default 5)");
  }

  [[nodiscard]] bool nothing_chosen() const { return !perplexity && !energy && !matmul && !speed; }
};

eval::TextPlan text_plan(const Options& options, const convert::OpenedModel& model) {
  eval::TextPlan plan;
  plan.file = options.perplexity ? *options.perplexity : eval::bundled_evaluation_text();
  plan.context = options.context.value_or(std::min(kDefaultContext, model.config().max_positions));
  plan.windows = options.windows;
  if (!options.perplexity && !plan.windows) plan.windows = kGlanceWindows;
  if (options.bos != "auto") plan.bos = options.bos == "yes" ? eval::BosChoice::yes : eval::BosChoice::no;
  return plan;
}

void bench_text(const Options& options, const convert::OpenedModel& model, cli::Console& console,
                nlohmann::json& report) {
  const bool wants_quality = options.perplexity || options.nothing_chosen();
  const eval::TextPlan plan = text_plan(options, model);
  const eval::TokenWindows text = eval::read_windows(model, plan);
  cli::ProgressBar bar = console.progress("reading " + plan.file.filename().string());
  const auto progress = [&](std::int64_t done, std::int64_t total) { bar.update(done, total); };
  const auto seed = static_cast<std::uint64_t>(console.options().seed);
  const eval::Quality quality = wants_quality
                                    ? eval::measure_quality(model, options.model.engine_kind(), text, seed, progress)
                                    : eval::measure_spiking(model, options.model.engine_kind(), text, progress);
  bar.finish();
  report.update(cli::quality_json(quality, text, plan.file));
  report["spikes"] = cli::spikes_json(quality.ledger);
  console.print(cli::quality_text(quality, text, plan.file) + "\n" + cli::spikes_text(quality.ledger));
  if (!options.energy && !options.nothing_chosen()) return;
  const auto estimate = eval::model_energy(model, energy::find_energy_model(options.energy_model), quality.ledger);
  report["energy"] = cli::energy_json(estimate);
  if (options.energy) console.print("\n" + cli::sites_text(quality.ledger));
  console.print("\n" + cli::energy_text(estimate));
}

void bench_speed(Options options, const convert::OpenedModel& model, cli::Console& console, nlohmann::json& report) {
  eval::SpeedPlan& plan = options.speed_plan;
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

cli::ExitStatus bench(const Options& options, cli::Console& console) {
  nlohmann::json report;
  static_cast<void>(energy::find_energy_model(options.energy_model));  // a wrong name is told before the work
  const bool needs_text = options.perplexity || options.energy || options.nothing_chosen();
  if (needs_text || options.speed) {
    const convert::OpenedModel model = cli::open_model(options.model, console);
    report = cli::model_json(model);
    if (needs_text) bench_text(options, model, console, report);
    if (options.speed) bench_speed(options, model, console, report);
  }
  if (options.matmul || options.nothing_chosen()) {
    const double gflops = model::measure_matmul_gflops();
    report["matmul"] = cli::matmul_json(gflops, at::get_num_threads());
    console.print((needs_text || options.speed ? "\n" : "") + cli::matmul_text(gflops, at::get_num_threads()));
  }
  console.report(report);
  return cli::ExitStatus::done;
}

}  // namespace

int main(int argc, char** argv) {
  return stac::cli::run<Options>(argc, argv,
                                 {"stac-bench",
                                  "Measures a spiking model: quality against its dense source, spikes, energy, speed.",
                                  {"stac-bench", "stac-bench --perplexity text.txt --json=report.json",
                                   "stac-bench --energy", "stac-bench --speed --threads 2"}},
                                 bench);
}
