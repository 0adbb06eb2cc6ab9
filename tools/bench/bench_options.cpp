#include "bench/bench_options.hpp"

#include <algorithm>

namespace stac::tools {

namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 40;
constexpr std::int64_t kDefaultContext = 256;
constexpr std::int64_t kGlanceWindows = 4;  ///< of the bundled text, where no text was given: a matter of seconds

}  // namespace

void BenchOptions::declare(cli::FlagSet& flags) {
  model.declare(flags);
  flags.section("What to measure (default: quality on the bundled text, energy, the matrix product)");
  flags.path("--perplexity", perplexity, "FILE", "perplexity and fidelity on this text");
  flags.toggle("--energy", energy, "operations and spikes of every site; energy beside f32, f16 and int8 arithmetic");
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
  flags.text("--energy-model", energy_model, "NAME|FILE",
             "a model of configs/energy: horowitz-45nm (default), jouppi-7nm, loihi, truenorth; or one of your own");
  flags.integer("--prompt-tokens", prompt_tokens, {1, kMost}, "tokens of the prompt (default 512, less if need be)");
  flags.integer("--gen-tokens", speed_plan.gen_tokens, {1, kMost}, "tokens decoded behind it (default 128)");
  flags.integer("--repetitions", speed_plan.repetitions, {1, 1000}, "measured after a warm-up (default 5)");
}

eval::TextPlan BenchOptions::text_plan(const model::TransformerConfig& config) const {
  eval::TextPlan plan;
  plan.file = perplexity ? *perplexity : eval::bundled_evaluation_text();
  plan.context = context.value_or(std::min(kDefaultContext, config.max_positions));
  plan.windows = windows;
  if (!perplexity && !plan.windows) plan.windows = kGlanceWindows;
  if (bos != "auto") plan.bos = bos == "yes" ? eval::BosChoice::yes : eval::BosChoice::no;
  return plan;
}

}  // namespace stac::tools
