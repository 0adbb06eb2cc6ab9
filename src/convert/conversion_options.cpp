#include "stac/convert/conversion_options.hpp"

#include <array>
#include <sstream>

#include "convert/json_reader.hpp"
#include "stac/error.hpp"
#include "stac/snn/population.hpp"

namespace stac::convert {
namespace {

// Phase codes of fewer levels than this on either side of zero get groups and a profile.
constexpr std::int64_t kFineEnough = 200;
constexpr std::int64_t kDefaultGroup = 32;

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

}  // namespace

std::string_view activation_choice_name(ActivationChoice choice) {
  return choice == ActivationChoice::relu ? "relu" : "keep";
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
    case ProfileChoice::mse:
      return "mse";
    case ProfileChoice::best:
      return "best";
  }
  return "";
}

std::string_view quantize_choice_name(QuantizeChoice /*the only one*/) { return "none"; }

ActivationChoice parse_activation_choice(std::string_view name) {
  return parse(name, "activation", std::array{ActivationChoice::keep, ActivationChoice::relu}, activation_choice_name);
}

ThresholdChoice parse_threshold_choice(std::string_view name) {
  return parse(name, "threshold", std::array{ThresholdChoice::adaptive, ThresholdChoice::fixed}, threshold_choice_name);
}

ProfileChoice parse_profile_choice(std::string_view name) {
  return parse(name, "profile",
               std::array{ProfileChoice::none, ProfileChoice::weights, ProfileChoice::rms, ProfileChoice::max,
                          ProfileChoice::mse, ProfileChoice::best},
               profile_choice_name);
}

QuantizeChoice parse_quantize_choice(std::string_view name) {
  if (name == "int8") throw UsageError("quantize: int8 is not available in this version", "choose none");
  return parse(name, "quantize", std::array{QuantizeChoice::none}, quantize_choice_name);
}

void require_valid(const ConversionOptions& options) {
  snn::require_valid(options.code);
  const ConversionOptions chosen = resolved(options);
  snn::require_valid(snn::Population{options.code, chosen.group.value()}, 1);
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
  const bool coarse = options.code.kind == snn::CodeKind::phase && snn::full_scale(options.code) < kFineEnough;
  if (!options.group) options.group = coarse ? kDefaultGroup : 0;
  if (!options.profile) {
    const bool plain = !coarse && options.threshold == ThresholdChoice::adaptive;
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
  return needs_calibration(options) || options.activation == ActivationChoice::relu;
}

std::string thresholds_text(const ConversionOptions& options) {
  std::string text(threshold_choice_name(options.threshold));
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
          {"group", std::to_string(options.group.value())},
          {"threshold", std::string(threshold_choice_name(options.threshold))},
          {"profile", std::string(profile_choice_name(options.profile.value()))},
          {"activation", std::string(activation_choice_name(options.activation))},
          {"quantize", std::string(quantize_choice_name(options.quantize))}};
}

model::TransformerConfig apply(const ConversionOptions& options, model::TransformerConfig config) {
  if (options.activation == ActivationChoice::keep || config.activation == model::Activation::relu) return config;
  if (!is_gelu(config.activation)) {
    throw UsageError("activation: relu can only take the place of GELU, and this model has another activation",
                     "choose keep");
  }
  config.activation = model::Activation::relu;
  return config;
}

nlohmann::json options_to_json(const ConversionOptions& options) {
  return {{"code", code_kind_name(options.code.kind)},
          {"timesteps", options.code.timesteps},
          {"base", options.code.base},
          {"tau", options.code.tau},
          {"spike_budget", options.code.spike_budget},
          {"dead_zone", options.code.dead_zone},
          {"headroom", options.code.headroom},
          {"group", options.group.value()},
          {"profile", profile_choice_name(options.profile.value())},
          {"thresholds", threshold_choice_name(options.threshold)},
          {"activation", activation_choice_name(options.activation)},
          {"quantize", quantize_choice_name(options.quantize)},
          {"simplified", options.simplified}};
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
  options.group = reader.integer("group", 0);
  options.threshold = parsed(reader, "thresholds", parse_threshold_choice);
  options.profile = parsed(reader, "profile", parse_profile_choice);
  options.simplified = reader.boolean("simplified");
  options.quantize = parsed(reader, "quantize", parse_quantize_choice);
  options.activation = parsed(reader, "activation", parse_activation_choice);
  try {
    require_valid(options);
  } catch (const UsageError& error) {
    throw Error(where + ": " + error.what(), "the artifact is damaged: convert the model again");
  }
  return options;
}

}  // namespace stac::convert
