// Another number of timesteps, code or budget for a network that is converted already, without data and without the
// source checkpoint.
//
// What stays: the weights, int8 or refitted ones too; profiles from data, and every profile that is folded into int8
// weights; static full scales and their groups, which are in membrane units. What follows the new code: groups and
// profiles that the old code had because it needed them without data (ConversionOptions, resolved()). What goes: rests,
// which are what windows of the old code left unsaid, where a population's code, group or profile changes; codes per
// site, for every site gets the same one; a scale on the logits, which was fitted to the old code.
#pragma once
#include <cstdint>
#include <optional>

#include "stac/convert/artifact.hpp"
#include "stac/convert/conversion_options.hpp"
#include "stac/convert/converter.hpp"

namespace stac::convert {

/// What is to change; the rest stays as it is.
struct CodeChange {
  std::optional<int> timesteps = {};
  std::optional<int> base = {};
  std::optional<snn::CodeKind> kind = {};
  std::optional<double> tau = {};
  std::optional<int> spike_budget = {};
  std::optional<double> dead_zone = {};
  std::optional<double> headroom = {};
  std::optional<std::int64_t> group = {};
  std::optional<ProfileChoice> profile = {};  ///< none or weights
};

/// Whether everything stays.
[[nodiscard]] bool is_empty(const CodeChange& change);

/// The options of the retargeted network; calibration of activation, thresholds and weights as before.
/// @throws stac::UsageError  nothing changes; a field out of range, or of another code; a group or profile that is
/// fixed
///                           by static full scales or int8 weights; a profile that needs data
[[nodiscard]] ConversionOptions retargeted(const ConversionOptions& options, const CodeChange& change);

/// The network, built and measured; its `source` is the artifact, or the conversion's.
/// @throws stac::UsageError  as retargeted()
/// @throws stac::Error       a damaged tensor, by its name
[[nodiscard]] Conversion calibrate_timesteps(const Artifact& artifact, const CodeChange& change,
                                             const Progress& progress = {});
[[nodiscard]] Conversion calibrate_timesteps(const Conversion& conversion, const CodeChange& change,
                                             const Progress& progress = {});

}  // namespace stac::convert
