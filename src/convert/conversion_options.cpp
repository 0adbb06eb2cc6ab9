#include "stac/convert/conversion_options.hpp"

#include "convert/json_reader.hpp"
#include "stac/error.hpp"

namespace stac::convert {
namespace {

constexpr std::string_view kCode = "phase";
constexpr std::string_view kThresholds = "adaptive";
constexpr std::string_view kCalibration = "none";

bool is_gelu(model::Activation activation) {
  return activation == model::Activation::gelu_erf || activation == model::Activation::gelu_tanh ||
         activation == model::Activation::gelu_fast;
}

void require_text(const JsonReader& reader, const std::string& field, std::string_view expected) {
  if (reader.text(field) == expected) return;
  reader.refuse(field, "is '" + reader.text(field) + "', and this version knows only '" + std::string(expected) + "'");
}

int small_integer(const JsonReader& reader, const std::string& field) {
  const std::int64_t value = reader.integer(field, 1);
  if (value > 1'000'000) reader.refuse(field, "is out of range");
  return static_cast<int>(value);
}

}  // namespace

std::string_view activation_choice_name(ActivationChoice choice) {
  return choice == ActivationChoice::relu ? "relu" : "keep";
}

std::string_view quantize_choice_name(QuantizeChoice /*the only one*/) { return "none"; }

ActivationChoice parse_activation_choice(std::string_view name) {
  if (name == "keep") return ActivationChoice::keep;
  if (name == "relu") return ActivationChoice::relu;
  throw UsageError("activation: '" + std::string(name) + "' is unknown", "choose keep or relu");
}

QuantizeChoice parse_quantize_choice(std::string_view name) {
  if (name == "none") return QuantizeChoice::none;
  if (name == "int8") {
    throw UsageError("quantize: int8 is not available in this version", "choose none");
  }
  throw UsageError("quantize: '" + std::string(name) + "' is unknown", "choose none");
}

void require_valid(const ConversionOptions& options) { snn::require_valid(options.code); }

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
  return {{"code", kCode},
          {"timesteps", options.code.timesteps},
          {"base", options.code.base},
          {"thresholds", kThresholds},
          {"calibration", kCalibration},
          {"activation", activation_choice_name(options.activation)},
          {"quantize", quantize_choice_name(options.quantize)},
          {"simplified", options.simplified}};
}

ConversionOptions options_from_json(const nlohmann::json& json, const std::string& where) {
  const JsonReader reader(json, where);
  require_text(reader, "code", kCode);
  require_text(reader, "thresholds", kThresholds);
  require_text(reader, "calibration", kCalibration);
  ConversionOptions options;
  options.code = {small_integer(reader, "timesteps"), small_integer(reader, "base")};
  options.simplified = reader.boolean("simplified");
  require_text(reader, "quantize", quantize_choice_name(options.quantize));
  const std::string activation = reader.text("activation");
  if (activation != "keep" && activation != "relu") reader.refuse("activation", "is '" + activation + "', unknown");
  options.activation = parse_activation_choice(activation);
  if (options.code.timesteps > 64) reader.refuse("timesteps", "is outside 1..64");
  if (options.code.base != 2 && options.code.base != 3) reader.refuse("base", "is neither 2 nor 3");
  return options;
}

}  // namespace stac::convert
