#include "stac/convert/conversion_options.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "convert/json_reader.hpp"
#include "stac/error.hpp"
#include "stac/snn/population.hpp"

namespace stac::convert {
namespace {

// Phase codes of fewer levels than this on either side of zero get groups and a profile.
constexpr std::int64_t kFineEnough = 200;
constexpr std::int64_t kGroup = 32;
// The fewer levels, the smaller the groups (docs/theory.md, "Groups").
constexpr std::int64_t kCoarse = 64, kCoarseGroup = 16;
constexpr std::int64_t kCoarsest = 16, kCoarsestGroup = 4;
constexpr std::int64_t kTokenGroup = 8;

bool is_gelu(model::Activation activation) {
  return activation == model::Activation::gelu_erf || activation == model::Activation::gelu_tanh ||
         activation == model::Activation::gelu_fast;
}

int small_integer(const JsonReader& reader, const std::string& field, std::int64_t least) {
  const std::int64_t value = reader.integer(field, least);
  if (value > 1'000'000) reader.refuse(field, "is out of range");
  return static_cast<int>(value);
}

template <typename Choice, std::size_t kCount>
Choice parse(std::string_view name, const char* flag, const std::array<Choice, kCount>& choices,
             std::string_view (*name_of)(Choice)) {
  std::string known;
  for (const Choice choice : choices) {
    if (name == name_of(choice)) return choice;
    known += (known.empty() ? "" : " or ") + std::string(name_of(choice));
  }
  throw UsageError(std::string(flag) + ": '" + std::string(name) + "' is unknown", "choose " + known);
}

/// A field whose value a parser of the flags refuses is refused by its name.
template <typename Parser>
auto parsed(const JsonReader& reader, const std::string& field, Parser parser) {
  try {
    return parser(reader.text(field));
  } catch (const UsageError&) {
    reader.refuse(field, "is '" + reader.text(field) + "', unknown");
  }
}

std::string number_text(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

bool is_coarse(const snn::Code& code) {
  return code.kind == snn::CodeKind::phase && snn::full_scale(code) < kFineEnough;
}

void require_unsigned(const ConversionOptions& options) {
  snn::Code code = options.code;
  code.polarity = snn::Polarity::excitatory;
  snn::require_valid(code);
  if (options.goal && options.goal->minimise == Minimise::timesteps) {
    throw UsageError("unsigned: the fewest timesteps are those of base 3, which needs both signs",
                     "leave out one of them");
  }
}

void require_valid(const AllocationGoal& goal, const snn::Code& finest) {
  if (!(goal.max_ratio >= 1.0)) {
    throw UsageError(
        "max-ratio: " + number_text(goal.max_ratio) + " is below 1: no network is asked to beat its source",
        "give 1.01 for one per cent");
  }
  if (finest.kind != snn::CodeKind::phase) {
    throw UsageError("max-ratio: codes are chosen for the phase code only", "leave out --code");
  }
}

}  // namespace

std::string_view minimise_name(Minimise minimise) {
  switch (minimise) {
    case Minimise::spikes:
      return "spikes";
    case Minimise::timesteps:
      return "timesteps";
    case Minimise::energy:
      return "energy";
  }
  return "";
}

Minimise parse_minimise(std::string_view name) {
  return parse(name, "minimise", std::array{Minimise::spikes, Minimise::timesteps, Minimise::energy}, minimise_name);
}

std::int64_t default_group(const snn::Code& code) {
  if (!is_coarse(code)) return 0;
  const std::int64_t levels = snn::full_scale(code);
  if (levels < kCoarsest) return kCoarsestGroup;
  return levels < kCoarse ? kCoarseGroup : kGroup;
}

std::int64_t group_at(snn::Site site, std::int64_t group, bool is_static) {
  if (site == snn::Site::scores) return 0;
  if (site != snn::Site::mix) return group;
  return is_static ? 0 : std::min(group, kTokenGroup);
}

std::string_view activation_choice_name(ActivationChoice choice) {
  switch (choice) {
    case ActivationChoice::keep:
      return "keep";
    case ActivationChoice::relu:
      return "relu";
    case ActivationChoice::automatic:
      return "auto";
  }
  return "";
}

std::string_view threshold_choice_name(ThresholdChoice choice) {
  return choice == ThresholdChoice::fixed ? "static" : "adaptive";
}

std::string_view profile_choice_name(ProfileChoice choice) {
  switch (choice) {
    case ProfileChoice::none:
      return "none";
    case ProfileChoice::weights:
      return "weights";
    case ProfileChoice::rms:
      return "rms";
    case ProfileChoice::max:
      return "max";
    case ProfileChoice::percentile:
      return "percentile";
    case ProfileChoice::mse:
      return "mse";
    case ProfileChoice::best:
      return "best";
  }
  return "";
}

std::string_view quantize_choice_name(QuantizeChoice choice) {
  return choice == QuantizeChoice::int8 ? "int8" : "none";
}

std::string_view rounding_choice_name(RoundingChoice choice) {
  return choice == RoundingChoice::compensated ? "compensated" : "nearest";
}

ActivationChoice parse_activation_choice(std::string_view name) {
  return parse(name, "activation",
               std::array{ActivationChoice::keep, ActivationChoice::relu, ActivationChoice::automatic},
               activation_choice_name);
}

ThresholdChoice parse_threshold_choice(std::string_view name) {
  return parse(name, "threshold", std::array{ThresholdChoice::adaptive, ThresholdChoice::fixed}, threshold_choice_name);
}

ProfileChoice parse_profile_choice(std::string_view name) {
  return parse(name, "profile",
               std::array{ProfileChoice::none, ProfileChoice::weights, ProfileChoice::rms, ProfileChoice::max,
                          ProfileChoice::percentile, ProfileChoice::mse, ProfileChoice::best},
               profile_choice_name);
}

QuantizeChoice parse_quantize_choice(std::string_view name) {
  return parse(name, "quantize", std::array{QuantizeChoice::none, QuantizeChoice::int8}, quantize_choice_name);
}

RoundingChoice parse_rounding_choice(std::string_view name) {
  return parse(name, "rounding", std::array{RoundingChoice::nearest, RoundingChoice::compensated},
               rounding_choice_name);
}

void require_valid(const ConversionOptions& options) {
  snn::require_valid(options.code);
  const ConversionOptions chosen = resolved(options);
  snn::require_valid(snn::Population{options.code, chosen.group.value()}, 1);
  if (options.goal) require_valid(*options.goal, options.code);
  if (options.unsigned_spikes) require_unsigned(options);
  if (options.rounding == RoundingChoice::compensated && options.quantize == QuantizeChoice::none) {
    throw UsageError("rounding: only int8 weights are rounded", "add --quantize int8, or leave out --rounding");
  }
  if (options.simplified && options.threshold == ThresholdChoice::fixed) {
    throw UsageError("threshold: static thresholds need calibration, and --simplified does without",
                     "leave out one of them");
  }
  if (options.simplified && needs_calibration(chosen)) {
    throw UsageError("profile: " + std::string(profile_choice_name(*chosen.profile)) +
                         " needs calibration text, and --simplified does without",
                     "choose weights or none, or leave out --simplified");
  }
}

ConversionOptions resolved(ConversionOptions options) {
  if (!options.group) options.group = default_group(options.code);
  if (!options.profile) {
    const bool plain = !is_coarse(options.code) && !options.goal && options.threshold == ThresholdChoice::adaptive;
    const ProfileChoice calibrated = options.simplified ? ProfileChoice::weights : ProfileChoice::best;
    options.profile = plain ? ProfileChoice::none : calibrated;
  }
  return options;
}

bool needs_calibration(const ConversionOptions& options) {
  const bool free = options.profile == ProfileChoice::none || options.profile == ProfileChoice::weights;
  return !free || options.threshold == ThresholdChoice::fixed;
}

bool needs_text(const ConversionOptions& options) {
  return needs_calibration(options) || options.activation != ActivationChoice::keep || options.goal ||
         options.rounding == RoundingChoice::compensated;
}

std::string thresholds_text(const ConversionOptions& options) {
  std::string text(threshold_choice_name(options.threshold));
  if (options.unsigned_spikes) text += ", unsigned where membranes are never negative";
  if (options.group.value() > 0) text += ", one gain per " + std::to_string(*options.group) + " channels";
  if (options.profile.value() == ProfileChoice::weights) text += ", profile from the weights";
  if (needs_calibration(options)) text += ", calibrated profile: " + std::string(profile_choice_name(*options.profile));
  return text;
}

std::map<std::string, std::string> flag_values(const ConversionOptions& options) {
  return {{"code", std::string(code_kind_name(options.code.kind))},
          {"timesteps", std::to_string(options.code.timesteps)},
          {"base", std::to_string(options.code.base)},
          {"tau", number_text(options.code.tau)},
          {"spike-budget", std::to_string(options.code.spike_budget)},
          {"dead-zone", number_text(options.code.dead_zone)},
          {"headroom", number_text(options.code.headroom)},
          {"unsigned", options.unsigned_spikes ? "true" : "false"},
          {"reset", std::string(reset_name(options.code.reset))},
          {"group", std::to_string(options.group.value())},
          {"threshold", std::string(threshold_choice_name(options.threshold))},
          {"profile", std::string(profile_choice_name(options.profile.value()))},
          {"activation", std::string(activation_choice_name(options.activation))},
          {"quantize", std::string(quantize_choice_name(options.quantize))},
          {"rounding", std::string(rounding_choice_name(options.rounding))},
          {"max-ratio", options.goal ? number_text(options.goal->max_ratio) : "none"},
          {"minimise", options.goal ? std::string(minimise_name(options.goal->minimise)) : "none"}};
}

ActivationChoice settled(ActivationChoice choice, const model::TransformerConfig& source) {
  if (choice != ActivationChoice::automatic) return choice;
  return is_gelu(source.activation) && !source.gated_mlp ? ActivationChoice::relu : ActivationChoice::keep;
}

model::TransformerConfig apply(const ConversionOptions& options, model::TransformerConfig config) {
  const ActivationChoice activation = settled(options.activation, config);
  if (activation == ActivationChoice::keep || config.activation == model::Activation::relu) return config;
  if (!is_gelu(config.activation)) {
    throw UsageError("activation: relu can only take the place of GELU, and this model has another activation",
                     "choose keep");
  }
  if (config.gated_mlp) {
    throw UsageError("activation: relu can only take the place of GELU in an MLP without a gate", "choose keep");
  }
  config.activation = model::Activation::relu;
  return config;
}

namespace {

nlohmann::json goal_to_json(const std::optional<AllocationGoal>& goal) {
  if (!goal) return nullptr;
  return {{"max_ratio", goal->max_ratio},
          {"minimise", minimise_name(goal->minimise)},
          {"energy_model", goal->energy_model}};
}

std::optional<AllocationGoal> goal_from_json(const JsonReader& options) {
  if (options.is_null("goal")) return std::nullopt;
  const JsonReader reader = options.object("goal");
  reader.require_only({"max_ratio", "minimise", "energy_model"});
  return AllocationGoal{reader.fraction("max_ratio", 1e6), parsed(reader, "minimise", parse_minimise),
                        reader.text("energy_model")};
}

}  // namespace

nlohmann::json options_to_json(const ConversionOptions& options) {
  return {{"code", code_kind_name(options.code.kind)},
          {"timesteps", options.code.timesteps},
          {"base", options.code.base},
          {"tau", options.code.tau},
          {"spike_budget", options.code.spike_budget},
          {"dead_zone", options.code.dead_zone},
          {"headroom", options.code.headroom},
          {"unsigned", options.unsigned_spikes},
          {"reset", reset_name(options.code.reset)},
          {"group", options.group.value()},
          {"profile", profile_choice_name(options.profile.value())},
          {"thresholds", threshold_choice_name(options.threshold)},
          {"activation", activation_choice_name(options.activation)},
          {"quantize", quantize_choice_name(options.quantize)},
          {"rounding", rounding_choice_name(options.rounding)},
          {"simplified", options.simplified},
          {"goal", goal_to_json(options.goal)}};
}

ConversionOptions options_from_json(const nlohmann::json& json, const std::string& where) {
  const JsonReader reader(json, where);
  ConversionOptions options;
  options.code.kind = parsed(reader, "code", snn::parse_code_kind);
  options.code.timesteps = small_integer(reader, "timesteps", 1);
  options.code.base = small_integer(reader, "base", 1);
  options.code.tau = reader.fraction("tau", 1e6);
  options.code.spike_budget = small_integer(reader, "spike_budget", 0);
  options.code.dead_zone = reader.fraction("dead_zone", 1.0);
  options.code.headroom = reader.fraction("headroom", 64.0);
  options.unsigned_spikes = reader.boolean("unsigned");
  options.code.reset = parsed(reader, "reset", snn::parse_reset);
  options.group = reader.integer("group", 0);
  options.threshold = parsed(reader, "thresholds", parse_threshold_choice);
  options.profile = parsed(reader, "profile", parse_profile_choice);
  options.simplified = reader.boolean("simplified");
  options.quantize = parsed(reader, "quantize", parse_quantize_choice);
  options.rounding = parsed(reader, "rounding", parse_rounding_choice);
  options.activation = parsed(reader, "activation", parse_activation_choice);
  options.goal = goal_from_json(reader);
  try {
    require_valid(options);
  } catch (const UsageError& error) {
    throw Error(where + ": " + error.what(), "the artifact is damaged: convert the model again");
  }
  return options;
}

}  // namespace stac::convert
