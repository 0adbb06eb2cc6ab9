#include "stac/convert/retarget.hpp"

#include <string>
#include <utility>

#include "convert/finish.hpp"
#include "convert/pipeline_steps.hpp"
#include "convert/source_text.hpp"
#include "convert/stored_network.hpp"
#include "stac/convert/manifest.hpp"
#include "stac/convert/planning.hpp"
#include "stac/error.hpp"
#include "stac/io/sha256.hpp"

namespace stac::convert {
namespace {

using snn::CodeKind;
using snn::Site;

constexpr const char* kConvertAgain = "leave it out, or convert the checkpoint again with it";

template <typename Value>
void take(Value& target, const std::optional<Value>& wanted) {
  if (wanted) target = *wanted;
}

snn::Code changed(snn::Code code, const CodeChange& change) {
  take(code.kind, change.kind);
  if (change.base && code.kind != CodeKind::phase) {
    throw UsageError("base: only the phase code has one", "leave it out, or choose the phase code");
  }
  if (change.tau && code.kind != CodeKind::lif) {
    throw UsageError("tau: only the lif code leaks", "leave it out, or choose the lif code");
  }
  if (code.kind != CodeKind::phase) code.base = snn::Code{}.base;
  if (code.kind != CodeKind::lif) code.tau = snn::Code{}.tau;
  if (code.kind == CodeKind::phase) code.reset = snn::Code{}.reset;
  take(code.timesteps, change.timesteps);
  take(code.base, change.base);
  take(code.tau, change.tau);
  take(code.spike_budget, change.spike_budget);
  take(code.dead_zone, change.dead_zone);
  take(code.headroom, change.headroom);
  return code;
}

/// The group that this code gets where none is asked for, and the profile that it gets without data.
ConversionOptions without_data(const snn::Code& code) { return resolved({.code = code, .simplified = true}); }

std::int64_t group_for(const ConversionOptions& old, const snn::Code& code, const CodeChange& change) {
  if (old.threshold == ThresholdChoice::fixed) {
    if (!change.group || change.group == old.group) return old.group.value();
    throw UsageError("group: static full scales were calibrated for groups of " + std::to_string(*old.group),
                     kConvertAgain);
  }
  if (change.group) return *change.group;
  return old.group == without_data(old.code).group ? without_data(code).group.value() : old.group.value();
}

ProfileChoice profile_for(const ConversionOptions& old, const snn::Code& code, const CodeChange& change) {
  const ProfileChoice profile = old.profile.value();
  const bool folded = old.quantize == QuantizeChoice::int8;
  const bool free = !folded && !needs_calibration(old);
  if (change.profile && *change.profile != profile) {
    const std::string wanted = "profile " + std::string(profile_choice_name(*change.profile)) + ": ";
    if (folded) throw UsageError(wanted + "another one is folded into the int8 weights", kConvertAgain);
    if (old.threshold == ThresholdChoice::fixed) {
      throw UsageError(wanted + "static full scales were calibrated over another one", kConvertAgain);
    }
    if (needs_calibration({.profile = change.profile})) {
      throw UsageError(wanted + "needs data, and retargeting does without", "choose weights or none");
    }
    return *change.profile;
  }
  if (change.profile || !free) return profile;
  return profile == without_data(old.code).profile ? without_data(code).profile.value() : profile;
}

struct RetargetedPlan {
  snn::Plan plan;
  std::int64_t dropped_rests = 0;
};

bool speak_alike(const snn::Population& a, const snn::Population& b) {
  return a.code == b.code && a.group == b.group && a.profile == b.profile;
}

/// @param options  the new ones
RetargetedPlan plan_for(const Conversion& old, const ConversionOptions& options) {
  const bool same_profile = options.profile == old.options.profile;
  RetargetedPlan result{same_profile ? plain_plan(options, old.config) : make_plan(options, old.config, *old.weights)};
  snn::for_each_site(old.plan.layers(), [&](std::int64_t layer, Site site) {
    const snn::Population& before = old.plan.at(layer, site);
    snn::Population& now = result.plan.at(layer, site);
    if (same_profile) now.profile = before.profile;
    now.full_scale = before.full_scale;
    if (speak_alike(now, before)) {
      now.rest = before.rest;
    } else if (!before.rest.empty()) {
      ++result.dropped_rests;
    }
  });
  return result;
}

std::vector<std::string> inherited(const std::vector<std::string>& fallbacks) {
  const std::string before = "before it was retargeted: ";
  std::vector<std::string> result;
  for (const std::string& fallback : fallbacks) {
    result.push_back(fallback.starts_with(before) ? fallback : before + fallback);
  }
  return result;
}

/// int8 weights hold the old code's profile, even where a conversion at the new one would have given them another.
void warn_of_folded_profile(Conversion& conversion) {
  const ConversionOptions& options = conversion.options;
  const bool folded = options.quantize == QuantizeChoice::int8 && options.profile == ProfileChoice::none;
  if (!folded || without_data(options.code).profile == ProfileChoice::none) return;
  conversion.warnings.push_back(
      "the int8 weights were made without the channel profile that this code would get: converting the checkpoint "
      "again at " +
      std::to_string(options.code.timesteps) + " timesteps would say finer");
}

}  // namespace

bool is_empty(const CodeChange& change) {
  return !change.timesteps && !change.base && !change.kind && !change.tau && !change.spike_budget &&
         !change.dead_zone && !change.headroom && !change.group && !change.profile;
}

ConversionOptions retargeted(const ConversionOptions& options, const CodeChange& change) {
  if (is_empty(change)) {
    throw UsageError("retarget: nothing is to change", "give --timesteps, --code or another flag of the code");
  }
  ConversionOptions result = options;
  result.goal = std::nullopt;
  result.code = changed(options.code, change);
  result.group = group_for(options, result.code, change);
  result.profile = profile_for(options, result.code, change);
  require_valid(result);
  return result;
}

Conversion calibrate_timesteps(const Conversion& conversion, const CodeChange& change, const Progress& progress) {
  Conversion result = conversion;
  result.options = retargeted(conversion.options, change);
  RetargetedPlan plan = plan_for(conversion, result.options);
  result.plan = std::move(plan.plan);
  result.allocation = std::nullopt;
  result.retargeted = RetargetRecord{"memory", io::sha256_of(manifest_text(describe(conversion))), conversion.options,
                                     plan.dropped_rests};
  result.fallbacks = inherited(conversion.fallbacks);
  result.warnings = text_warnings(conversion.source, conversion.config.vocab_size);
  warn_of_folded_profile(result);
  result.quality = std::nullopt;  // of the old code, as the scale on the logits is
  result.logit_scale = std::nullopt;
  result.config.logit_scale = model::TransformerConfig{}.logit_scale;
  result.pipeline.spiking.clear();
  add_spiking_step(result, "spikes");
  Stages stages(progress);
  finish(result, stages);
  return result;
}

Conversion calibrate_timesteps(const Artifact& artifact, const CodeChange& change, const Progress& progress) {
  const Manifest& manifest = artifact.manifest;
  const model::TransformerConfig config = apply(manifest.options, model::parse_config(artifact.checkpoint.config));
  if (progress) progress("reading weights", 0, 0);
  const StoredNetwork network = load_network(manifest, config, *artifact.checkpoint.tensors);
  Conversion result =
      calibrate_timesteps(conversion_of(manifest, artifact.checkpoint, config, network), change, progress);
  result.retargeted->from = artifact.folder.string();
  result.retargeted->sha256 = io::sha256_of(manifest_text(manifest));
  return result;
}

}  // namespace stac::convert
