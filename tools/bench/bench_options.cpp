#include "bench/bench_options.hpp"

#include <algorithm>
#include <set>

#include "bench/raster.hpp"
#include "stac/error.hpp"
#include "stac/io/atomic_file.hpp"
#include "stac/io/mapped_file.hpp"

namespace stac::tools {

namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 40;
constexpr std::int64_t kDefaultContext = 256;
constexpr std::int64_t kGlanceWindows = 4;  ///< of the bundled text, where no text was given: a matter of seconds

/// Makes the folder where it is missing. @throws stac::Error  it cannot be made, or nothing can be written there
void require_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw Error(folder.string() + ": cannot be made: " + failed.message(), "choose another folder");
  io::require_writable_file(folder / "probe");
}

}  // namespace

void BenchOptions::declare(cli::FlagSet& flags) {
  model.declare(flags);
  flags.section("What to measure (default: quality on the bundled text, energy, the matrix product)");
  flags.path("--perplexity", perplexity, "FILE", "perplexity and fidelity on this text");
  flags.toggle("--energy", energy, "operations and spikes of every site; energy beside f32, f16 and int8 arithmetic");
  flags.toggle("--matmul", matmul, "GFLOP/s of the f32 product that dense figures rest on");
  flags.toggle("--speed", speed, "tokens per second beside dense LibTorch, on random ids");
  flags.toggle("--kernel-times", kernel_times, "of --speed: where the time goes, kernel by kernel");
  flags.section("Text");
  flags.integer("-c,--context", context, {2, kMost}, "tokens of a window (default 256)");
  flags.alias("--max-context-length", "--context");
  flags.integer("--windows", windows, {1, kMost},
                "windows at most (default: the whole of --perplexity's text, else 4)");
  flags.alias("--num-samples", "--windows");  // here of the text that is measured on
  flags.choice("--bos", bos, {"auto", "yes", "no"}, "begin windows with BOS (default: as the tokenizer says)");
  flags.section("Energy and speed");
  flags.toggle("--window-speed", window_speed, "time of long windows over short ones: phase T=12/4, rate T=32/4");
  flags.integer("--parallel", parallel, {2, 1024},
                "tokens per second of N conversations, a token of each in one forward, beside one's");
  flags.integer("--prompt-tokens", prompt_tokens, {1, kMost}, "tokens of the prompt (default 512, less if need be)");
  flags.integer("--gen-tokens", speed_plan.gen_tokens, {1, kMost}, "tokens decoded behind it (default 128)");
  flags.integer("--repetitions", speed_plan.repetitions, {1, 1000}, "measured after a warm-up (default 5)");
  flags.section("Many codes");
  flags.text(
      "--sweep", sweep, "SPEC",
      "measure every combination: \"timesteps=3..8 base=2,3 threshold=static,adaptive\"; keys are the flags of the "
      "conversion and of storage (dtype, kv-dtype) without their dashes");
  flags.path("--sweep-folder", sweep_folder, "FOLDER",
             "where each point is kept, so that none is done twice, with sweep.csv and sweep.json (default "
             "./stac-sweep)");
  flags.section("Reports");
  flags.path("--html", html, "FILE",
             "one self-contained page with everything measured, quality, spikes and energy among it, and its plots");
  flags.path("--plots", plots, "FOLDER", "every plot of that page as an SVG file");
  flags.path("--csv", csv, "FILE", "the numbers for a spreadsheet: table, row, column, value");
  flags.path("--spikes", spikes, "FILE.npz", "every spike of the first tokens as arrays for NumPy");
  flags.integer("--spike-tokens", spike_tokens, {1, 4096},
                "tokens that are recorded for it and for the page (default 24)");
  flags.text("--raster", raster, "LAYER:SITE",
             "whose spikes the page draws: qkv, scores, mix, attention_output, up or down, as 0:qkv or 0:scores:1 (its "
             "head), or head (default: down of the layer in the middle)");
}

void BenchOptions::require_valid() const {
  if (perplexity) static_cast<void>(io::MappedFile::open(*perplexity));  // a missing text is told before a conversion
  if (!kernel_times) return;
  if (!speed) throw UsageError("--kernel-times: there is no --speed", "give --speed, too");
  const bool fused = model.engine_kind() == snn::EngineKind::fused && !model.request(0).cuda;
  if (!fused) throw UsageError("--kernel-times is of the fused engine on the CPU", "leave --engine and --device out");
}

void BenchOptions::require_writable(const std::optional<std::filesystem::path>& json) const {
  std::set<std::filesystem::path> files;
  for (const auto& file : {html, csv, spikes, json}) {
    if (!file || file->empty()) continue;
    if (!files.insert(std::filesystem::absolute(*file).lexically_normal()).second) {
      throw UsageError(file->string() + ": is asked for two reports", "give each a file of its own");
    }
  }
  for (const auto& file : {html, csv, spikes}) {
    if (file) io::require_writable_file(*file);
  }
  if (sweep_folder && !sweep) throw UsageError("--sweep-folder: there is no --sweep", "give one, or leave it out");
  for (const auto& folder : {plots, sweep_folder}) {
    if (folder) require_folder(*folder);
  }
}

void BenchOptions::require_fits(const model::TransformerConfig& config) const {
  if (needs_text()) eval::require_context(text_plan(config), config);
  if (wants_spikes()) static_cast<void>(parse_raster_site(raster.value_or(""), config));
  if (measures_speed()) eval::require_room(speed_plan_of(config), config);
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

eval::SpeedPlan BenchOptions::speed_plan_of(const model::TransformerConfig& config) const {
  eval::SpeedPlan plan = speed_plan;
  const std::int64_t room = std::max<std::int64_t>(1, config.max_positions - plan.gen_tokens);
  plan.prompt_tokens = prompt_tokens.value_or(std::min<std::int64_t>(512, room));
  return plan;
}

}  // namespace stac::tools
