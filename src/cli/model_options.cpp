#include "stac/cli/model_options.hpp"

#include <charconv>
#include <utility>

#include "stac/cli/model_download.hpp"
#include "stac/energy/energy_model.hpp"
#include "stac/error.hpp"

namespace stac::cli {

namespace {

constexpr int kFinestAutomatic = 6;  // of base 3: 729 levels
constexpr const char* kBundled = "bundled";

}  // namespace

void ConversionFlags::declare(FlagSet& flags) {
  flags.section("Model");
  flags.text("-m,--model", model, "MODEL",
             "checkpoint or artifact folder, bundled name (stac-tiny), short name, or hub id");
  flags.alias("--model-name", "--model");
  flags.text("--revision", revision, "REVISION", "branch, tag or commit of a model of the hub (default main)");
  flags.section("Conversion");
  flags.text("-T,--timesteps", timesteps, "N|auto",
             "timesteps of one window, 1 to 64 (default 8), or as few at each site as --max-ratio allows");
  flags.choice("--code", code, {"phase", "rate", "lif"},
               "how a window says a number: spikes of shrinking weight, equal ones, or equal ones through a leak "
               "(default phase)");
  flags.choice("--base", base, {"2", "3"}, "base of the phase code: fewest spikes, or fewest timesteps (default 2)");
  flags.number("--tau", tau, {1.0, 1e6}, "time constant of lif's leak in timesteps, above 1 (default 2)");
  flags.integer("--spike-budget", spike_budget, {0, 64}, "spikes of a window at most, 0: no limit (default 0)");
  flags.number("--dead-zone", dead_zone, {0.0, 1.0},
               "membranes up to this share of full scale stay silent (default 0)");
  flags.number("--headroom", headroom, {0.05, 64.0},
               "full scale over the largest membrane; above 1 trains get shorter and coarser (default 1)");
  flags.toggle("--unsigned", unsigned_spikes,
               "excitatory spikes only where membranes are never negative: in the softmax, and behind ReLU (base 2)");
  flags.choice("--reset", reset, {"soft", "hard"},
               "after a spike of rate or lif: the threshold is subtracted, or the membrane emptied (default soft)");
  flags.integer("--group", group, {0, 1 << 20},
                "neighbouring channels with a gain of their own, 0: one gain (default: 32, 16 or 4 for ever coarser "
                "codes, else 0)");
  flags.choice("--threshold", threshold, {"adaptive", "static"},
               "follow every token's largest membrane, or fixed by calibration (default adaptive)");
  flags.choice("--profile", profile, {"none", "weights", "rms", "max", "percentile", "mse", "best"},
               "thresholds per channel: equal, from the weights, or calibrated; best chooses at each site (default: "
               "none for fine adaptive codes, else best, or weights with --simplified)");
  flags.choice(
      "--activation", activation, {"keep", "relu"},
      "the MLP's activation: computed on the membrane, or GELU replaced by ReLU and repaired (default: relu for "
      "GELU, else keep)");
  flags.choice("--quantize", quantize, {"none", "int8"},
               "weights as they are, or in eight bits with one scale per output (default int8)");
  flags.choice("--rounding", rounding, {"nearest", "compensated"},
               "int8 weights each to the nearest integer, or each making up for the others' errors, on calibration "
               "text (default nearest)");
  flags.toggle("--simplified", simplified, "without calibrated thresholds: they adapt, profiles come from the weights");
  flags.section("Choice of codes, site by site (default: the same code everywhere)");
  flags.number("--max-ratio", max_ratio, {1.0, 1e6},
               "the cheapest codes whose perplexity stays within this ratio of the source's (1.01 where only "
               "--minimise or --timesteps auto is given)");
  flags.choice("--minimise", minimise, {"spikes", "timesteps", "energy"},
               "what the choice saves (default spikes; timesteps with --timesteps auto)");
  flags.text("--energy-model", energy_model, "NAME|FILE",
             "prices of operations, for --minimise energy and reports of energy: horowitz-45nm (default), jouppi-7nm, "
             "loihi, truenorth, or a file like those of configs/energy");
  flags.toggle("--strict", strict,
               "whatever would be done otherwise than asked (a fallback) is an error instead, and nothing is written");
  flags.section("Calibration text, for thresholds, --rounding compensated and the repair after --activation relu");
  flags.path("--calibration", calibration, "FILE|bundled",
             "text to calibrate on: a file, or configs/text/calibration.txt (default: the model samples its own)");
  flags.integer("--calibration-samples", samples, {1, 1 << 20}, "samples of it (default: as many as the work needs)");
  flags.integer("--calibration-length", sample_length, {2, 1 << 20},
                "tokens of a sample, also --max-length (default 128)");
  flags.alias("--num-samples", "--calibration-samples");
  flags.alias("--max-length", "--calibration-length");
}

convert::ConversionOptions ConversionFlags::options() const {
  convert::ConversionOptions options;
  set_timesteps(options.code);
  if (base) options.code.base = *base == "3" ? 3 : 2;
  if (code) options.code.kind = snn::parse_code_kind(*code);
  if (tau) options.code.tau = *tau;
  if (spike_budget) options.code.spike_budget = static_cast<int>(*spike_budget);
  if (dead_zone) options.code.dead_zone = *dead_zone;
  if (headroom) options.code.headroom = *headroom;
  if (reset) options.code.reset = snn::parse_reset(*reset);
  options.unsigned_spikes = unsigned_spikes;
  options.group = group;
  if (threshold) options.threshold = convert::parse_threshold_choice(*threshold);
  if (profile) options.profile = convert::parse_profile_choice(*profile);
  if (calibration && !profile && !simplified) options.profile = convert::ProfileChoice::best;
  options.activation = convert::parse_activation_choice(activation.value_or("auto"));
  options.quantize = convert::parse_quantize_choice(quantize.value_or("int8"));
  if (rounding) options.rounding = convert::parse_rounding_choice(*rounding);
  options.simplified = simplified;
  options.goal = goal();
  require_meant_for_code(options.code.kind);
  convert::require_valid(options);
  return options;
}

std::optional<int> ConversionFlags::whole_timesteps() const {
  if (!timesteps || *timesteps == "auto") return std::nullopt;
  int number = 0;
  const auto [end, failed] = std::from_chars(timesteps->data(), timesteps->data() + timesteps->size(), number);
  if (failed != std::errc() || end != timesteps->data() + timesteps->size() || number < 1 || number > 64) {
    throw UsageError("--timesteps: '" + *timesteps + "' is neither auto nor a number from 1 to 64");
  }
  return number;
}

void ConversionFlags::set_timesteps(snn::Code& target) const {
  if (timesteps == "auto") {
    target.timesteps = kFinestAutomatic;
    target.base = 3;
    return;
  }
  target.timesteps = whole_timesteps().value_or(target.timesteps);
}

std::string ConversionFlags::prices() const { return energy_model.value_or("horowitz-45nm"); }

void ConversionFlags::require_priced() const {
  if (!energy_model || minimise == "energy") return;
  throw UsageError("--energy-model " + *energy_model + ": nothing is priced here",
                   "add --minimise energy, or leave it out");
}

std::optional<convert::AllocationGoal> ConversionFlags::goal() const {
  const bool automatic = timesteps == "auto";
  if (!max_ratio && !minimise && !automatic) return std::nullopt;
  convert::AllocationGoal goal;
  if (max_ratio) goal.max_ratio = *max_ratio;
  if (automatic) goal.minimise = convert::Minimise::timesteps;
  if (minimise) goal.minimise = convert::parse_minimise(*minimise);
  goal.energy_model = prices();
  static_cast<void>(energy::find_energy_model(goal.energy_model));  // a wrong name is told before the work
  if (automatic && goal.minimise != convert::Minimise::timesteps) {
    throw UsageError("--minimise " + *minimise + ": --timesteps auto minimises timesteps", "leave out one of them");
  }
  return goal;
}

void ConversionFlags::require_meant_for_code(snn::CodeKind kind) const {
  if (base && kind != snn::CodeKind::phase) throw UsageError("--base: only the phase code has one", "leave it out");
  if (tau && kind != snn::CodeKind::lif) throw UsageError("--tau: only the lif code leaks", "add --code lif");
}

std::vector<std::string> ConversionFlags::given() const {
  const std::vector<std::pair<const char*, bool>> flags{{"timesteps", timesteps.has_value()},
                                                        {"code", code.has_value()},
                                                        {"base", base.has_value()},
                                                        {"tau", tau.has_value()},
                                                        {"spike-budget", spike_budget.has_value()},
                                                        {"dead-zone", dead_zone.has_value()},
                                                        {"headroom", headroom.has_value()},
                                                        {"unsigned", unsigned_spikes},
                                                        {"reset", reset.has_value()},
                                                        {"group", group.has_value()},
                                                        {"threshold", threshold.has_value()},
                                                        {"profile", profile.has_value()},
                                                        {"activation", activation.has_value()},
                                                        {"quantize", quantize.has_value()},
                                                        {"rounding", rounding.has_value()},
                                                        {"max-ratio", max_ratio.has_value()},
                                                        {"minimise", minimise.has_value()}};
  std::vector<std::string> names;
  for (const auto& [name, is_given] : flags) {
    if (is_given) names.emplace_back(name);
  }
  return names;
}

convert::CalibrationRequest ConversionFlags::calibration_request(std::int64_t seed) const {
  if (calibration && !convert::needs_text(convert::resolved(options()))) {
    throw UsageError("--calibration: nothing in this conversion reads text",
                     "leave it out, or leave out --simplified and --profile");
  }
  convert::CalibrationRequest request;
  request.file = calibration == kBundled ? convert::bundled_calibration_text() : calibration;
  request.samples = samples;
  request.length = sample_length.value_or(request.length);
  request.seed = static_cast<std::uint64_t>(seed);
  request.scale_logits = !simplified;
  return request;
}

void ConversionFlags::refuse_beside_retarget() const {
  const std::pair<const char*, bool> refused[] = {{"--model", model.has_value()},
                                                  {"--revision", revision.has_value()},
                                                  {"--unsigned", unsigned_spikes},
                                                  {"--reset", reset.has_value()},
                                                  {"--rounding", rounding.has_value()},
                                                  {"--threshold", threshold.has_value()},
                                                  {"--activation", activation.has_value()},
                                                  {"--quantize", quantize.has_value()},
                                                  {"--simplified", simplified},
                                                  {"--max-ratio", max_ratio.has_value()},
                                                  {"--minimise", minimise.has_value()},
                                                  {"--timesteps auto", timesteps == "auto"},
                                                  {"--calibration", calibration.has_value()},
                                                  {"--calibration-samples", samples.has_value()},
                                                  {"--calibration-length", sample_length.has_value()}};
  for (const auto& [flag, is_given] : refused) {
    if (!is_given) continue;
    throw UsageError(std::string(flag) + ": an artifact gets another code without data and with its own weights",
                     "leave it out, or convert the checkpoint again with it");
  }
}

convert::CodeChange ConversionFlags::code_change() const {
  refuse_beside_retarget();
  convert::CodeChange change;
  change.timesteps = whole_timesteps();
  if (base) change.base = *base == "3" ? 3 : 2;
  if (code) change.kind = snn::parse_code_kind(*code);
  change.tau = tau;
  if (spike_budget) change.spike_budget = static_cast<int>(*spike_budget);
  change.dead_zone = dead_zone;
  change.headroom = headroom;
  change.group = group;
  if (profile) change.profile = convert::parse_profile_choice(*profile);
  return change;
}

void ModelFlags::declare(FlagSet& flags) {
  conversion.declare(flags);
  flags.section("Execution");
  flags.choice("--engine", engine, {"fused", "temporal"},
               "integer codes, or every timestep simulated; their answers are equal (default fused)");
  storage.declare(flags);
  flags.path("--dense", dense, "FOLDER", "the source checkpoint, where the artifact's own record is out of date");
  flags.toggle("--verify", verify, "read every byte of an artifact again before using it");
}

convert::ModelRequest ModelFlags::request(std::int64_t seed) const {
  convert::ModelRequest request;
  request.model = conversion.model;
  request.options = conversion.options();
  request.given = conversion.given();
  request.calibration = conversion.calibration_request(seed);
  request.storage = storage.storage();
  request.dense = dense;
  request.verify = verify;
  request.strict = conversion.strict;
  return request;
}

snn::EngineKind ModelFlags::engine_kind() const {
  return engine == "temporal" ? snn::EngineKind::temporal : snn::EngineKind::fused;
}

convert::OpenedModel open_model(const ModelFlags& flags, Console& console,
                                const std::function<void(const model::TransformerConfig& config)>& require) {
  convert::ModelRequest request = flags.request(console.options().seed);
  request.require = require;
  if (console.options().device == "cuda" && flags.engine == "temporal") {
    throw UsageError("--engine temporal: simulates every timestep on the CPU", "leave out one of it and --device cuda");
  }
  request.cuda = wants_gpu(console.options());
  if (request.model) request.model = fetch_model(*request.model, flags.conversion.revision, console).string();
  if (request.dense) request.dense = fetch_model(request.dense->string(), std::nullopt, console);
  ProgressBar bar = console.progress("opening the model");
  convert::OpenedModel model =
      convert::open_model(request, [&](std::string_view stage, std::int64_t done, std::int64_t total) {
        bar.update(std::string(stage), done, total);
      });
  bar.finish();
  console.note("model: " + model.description() + storage_remark(model.config().storage));
  for (const std::string& warning : model.warnings()) console.warn(warning);
  if (!model.from_artifact()) {  // stac-convert said an artifact's when it was made
    for (const std::string& fallback : model.fallbacks()) console.warn(fallback);
  }
  return model;
}

}  // namespace stac::cli
