// What a user may choose about a conversion, as the tools' flags and the manifest say it.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "stac/model/config.hpp"
#include "stac/snn/phase_code.hpp"

namespace stac::convert {

/// What happens to the activation of the MLP.
enum class ActivationChoice {
  keep,  ///< computed on the membrane, as the source computes it
  relu   ///< GELU replaced by ReLU, and the down projections refitted (activation_repair.hpp)
};

enum class QuantizeChoice { none };

struct ConversionOptions {
  snn::PhaseCode code{8, 2};
  ActivationChoice activation = ActivationChoice::keep;
  QuantizeChoice quantize = QuantizeChoice::none;
  /// Without calibration data: thresholds adapt by themselves. So is every conversion of this version.
  bool simplified = false;

  friend bool operator==(const ConversionOptions&, const ConversionOptions&) = default;
};

[[nodiscard]] std::string_view activation_choice_name(ActivationChoice choice);
[[nodiscard]] std::string_view quantize_choice_name(QuantizeChoice choice);

/// "keep", "relu". @throws stac::UsageError
[[nodiscard]] ActivationChoice parse_activation_choice(std::string_view name);
/// "none". @throws stac::UsageError  "int8" is not available yet; anything else is unknown
[[nodiscard]] QuantizeChoice parse_quantize_choice(std::string_view name);

/// @throws stac::UsageError  T outside 1..64, an unknown base
void require_valid(const ConversionOptions& options);

/// The function that the converted network computes: the source's, with the activation choice applied.
/// @throws stac::UsageError  relu is asked for where the activation is neither GELU nor ReLU
[[nodiscard]] model::TransformerConfig apply(const ConversionOptions& options, model::TransformerConfig config);

/// The manifest's fields that say it: code, timesteps, base, thresholds, calibration, activation, quantize, simplified.
[[nodiscard]] nlohmann::json options_to_json(const ConversionOptions& options);
/// Reads those fields of a manifest.
/// @param where  names the file in errors
/// @throws stac::Error naming the field: missing, wrong type or value
[[nodiscard]] ConversionOptions options_from_json(const nlohmann::json& json, const std::string& where);

}  // namespace stac::convert
