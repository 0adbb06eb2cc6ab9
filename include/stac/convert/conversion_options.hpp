// What a user may choose about a conversion, as the tools' flags and the manifest say it.
#pragma once
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "stac/convert/allocation_goal.hpp"
#include "stac/model/config.hpp"
#include "stac/snn/code.hpp"
#include "stac/snn/ledger.hpp"

namespace stac::convert {

/// What happens to the activation of the MLP.
enum class ActivationChoice {
  keep,      ///< computed on the membrane, as the source computes it
  relu,      ///< GELU replaced by ReLU, and the down projections refitted (activation_repair.hpp)
  automatic  ///< relu for models with GELU, keep for others; a conversion says which it became
};

enum class ThresholdChoice {
  adaptive,  ///< follow the largest membrane of every row
  fixed      ///< "static": full scales from calibration text; larger membranes saturate
};

/// Where the channel thresholds theta_j come from (threshold_calibration.hpp).
enum class ProfileChoice {
  none,        ///< theta_j = 1
  weights,     ///< |W_j|^(-1/2), from the weights that read the channel; needs no data, unlike the others
  rms,         ///< (rms_j / |W_j|)^(1/2)
  max,         ///< the channel's largest membrane
  percentile,  ///< the 99.9th percentile of its magnitudes
  mse,         ///< the scale with which the channel alone would be spoken with the least squared error
  best         ///< at each site the one of these with the smallest error of the projection's outputs
};

enum class QuantizeChoice {
  none,  ///< the source's numbers
  int8   ///< eight bits, one scale per output (quantization.hpp)
};

/// How int8 weights are rounded.
enum class RoundingChoice {
  nearest,     ///< each by itself
  compensated  ///< each after the others' errors, on text (compensated_rounding.hpp)
};

/// As they stand here: the source's function and numbers. The tools' own defaults are ReLU and int8
/// (cli/model_options).
struct ConversionOptions {
  snn::Code code{8, 2};
  /// Neighbouring channels that share one gain; 0: all of a projection's. None: what the code needs (resolved()).
  std::optional<std::int64_t> group = {};
  ThresholdChoice threshold = ThresholdChoice::adaptive;
  std::optional<ProfileChoice> profile = {};  ///< none: what code and thresholds need (resolved())
  ActivationChoice activation = ActivationChoice::keep;
  QuantizeChoice quantize = QuantizeChoice::none;
  RoundingChoice rounding = RoundingChoice::nearest;
  /// Populations whose membranes are never negative speak with excitatory spikes only (planning.hpp).
  bool unsigned_spikes = false;
  /// Without calibrated thresholds: they adapt by themselves, profiles come from the weights.
  bool simplified = false;
  /// None: `code` at every site. Else it is the finest that a site may get.
  std::optional<AllocationGoal> goal = {};

  friend bool operator==(const ConversionOptions&, const ConversionOptions&) = default;
};

[[nodiscard]] std::string_view activation_choice_name(ActivationChoice choice);
[[nodiscard]] std::string_view threshold_choice_name(ThresholdChoice choice);
[[nodiscard]] std::string_view profile_choice_name(ProfileChoice choice);
[[nodiscard]] std::string_view quantize_choice_name(QuantizeChoice choice);
[[nodiscard]] std::string_view rounding_choice_name(RoundingChoice choice);

/// "keep", "relu", "auto". @throws stac::UsageError
[[nodiscard]] ActivationChoice parse_activation_choice(std::string_view name);
/// "adaptive", "static". @throws stac::UsageError
[[nodiscard]] ThresholdChoice parse_threshold_choice(std::string_view name);
/// "none", "weights", "rms", "max", "percentile", "mse", "best". @throws stac::UsageError
[[nodiscard]] ProfileChoice parse_profile_choice(std::string_view name);
/// "none", "int8". @throws stac::UsageError
[[nodiscard]] QuantizeChoice parse_quantize_choice(std::string_view name);
/// "nearest", "compensated". @throws stac::UsageError
[[nodiscard]] RoundingChoice parse_rounding_choice(std::string_view name);

/// @throws stac::UsageError  a field of the code outside its range, unsigned spikes of a code that has none, a negative
///                           group, thresholds that need data in a
///                           simplified conversion, rounding without int8
void require_valid(const ConversionOptions& options);

/// Groups that a phase code of so few levels needs, 0 for finer codes.
[[nodiscard]] std::int64_t default_group(const snn::Code& code);

/// The group of a site where projections have groups of `group` channels. A head's queries share one gain. Weights of
/// the softmax fall off within a few tokens, so up to eight neighbouring tokens share one, or all of them where
/// thresholds are static.
[[nodiscard]] std::int64_t group_at(snn::Site site, std::int64_t group, bool is_static);

/// With group and profile chosen where they were left open: a phase code that says little more than a hundred numbers
/// gets groups and a profile (the best one, or the weights' in a simplified conversion), and so do static thresholds; a
/// finer adaptive one needs neither, unless sites are to get coarser ones (docs/theory.md, "Fewer timesteps").
[[nodiscard]] ConversionOptions resolved(ConversionOptions options);

/// Whether thresholds are taken from data; of resolved options.
[[nodiscard]] bool needs_calibration(const ConversionOptions& options);
/// Whether anything is taken from data: thresholds, or (perhaps) the repair of an activation swap; of resolved
/// options.
[[nodiscard]] bool needs_text(const ConversionOptions& options);

/// "adaptive, one gain per 32 channels, profile from the weights"; of resolved options.
[[nodiscard]] std::string thresholds_text(const ConversionOptions& options);

/// What each flag of the conversion says, by the flag's name without dashes; of resolved options.
[[nodiscard]] std::map<std::string, std::string> flag_values(const ConversionOptions& options);

/// What the choice comes to for this model: GELU is replaced unless a gate stands behind it.
[[nodiscard]] ActivationChoice settled(ActivationChoice choice, const model::TransformerConfig& source);

/// The function that the converted network computes: the source's, with the activation choice applied.
/// @throws stac::UsageError  relu is asked for where the activation is neither GELU nor ReLU, or is a gate's GELU
[[nodiscard]] model::TransformerConfig apply(const ConversionOptions& options, model::TransformerConfig config);

/// The manifest's fields that say it (docs/artifact.md), of resolved options.
[[nodiscard]] nlohmann::json options_to_json(const ConversionOptions& options);
/// Reads those fields of a manifest.
/// @param where  names the file in errors
/// @throws stac::Error naming the field: missing, wrong type or value
[[nodiscard]] ConversionOptions options_from_json(const nlohmann::json& json, const std::string& where);

}  // namespace stac::convert
