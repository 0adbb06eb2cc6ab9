#include "stac/convert/manifest.hpp"

#include "convert/allocation_json.hpp"
#include "convert/json_reader.hpp"
#include "convert/quality_json.hpp"
#include "stac/error.hpp"
#include "stac/io/json_file.hpp"
#include "stac/io/sha256.hpp"
#include "stac/version.hpp"

namespace stac::convert {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "stac-artifact";
constexpr const char* kDigest = "digest";
constexpr io::JsonLimits kLimits{4U << 20U, 16, 500'000};

constexpr double kMost = 1e30;  // of a squared error over its square

std::string canonical(const json& manifest) { return manifest.dump(2) + "\n"; }

/// SHA-256 of the canonical text without the digest itself.
std::string digest_of(json manifest) {
  manifest.erase(kDigest);
  return io::sha256_of(canonical(manifest));
}

json source_to_json(const SourceRecord& source) {
  return {{"name", source.name}, {"path", source.path.string()}, {"sha256", source.sha256}};
}

SourceRecord source_from_json(const JsonReader& reader) {
  reader.require_only({"name", "path", "sha256"});
  return {reader.text("name"), reader.text("path"), reader.sha256("sha256")};
}

json measured_to_json(const Measurement& measured) {
  return {{"tokens", measured.tokens},
          {"spikes_per_activation", measured.spikes_per_activation},
          {"silent_windows", measured.silent_windows}};
}

Measurement measured_from_json(const JsonReader& manifest) {
  const JsonReader reader = manifest.object("measured");
  reader.require_only({"tokens", "spikes_per_activation", "silent_windows"});
  return {reader.integer("tokens", 1), manifest.fraction("coverage", 1.0),
          reader.fraction("spikes_per_activation", 64.0), reader.fraction("silent_windows", 1.0)};
}

json swap_to_json(const std::optional<SwapRecord>& swap) {
  if (!swap) return nullptr;
  json layers = json::array();
  for (const LayerRepair& layer : swap->layers) {
    layers.push_back({{"raw", layer.raw},
                      {"fold", layer.fold},
                      {"refit", layer.refit},
                      {"strength", layer.strength},
                      {"chosen", layer.chosen}});
  }
  return {{"text", swap->text}, {"tokens", swap->tokens}, {"layers", std::move(layers)}};
}

std::optional<SwapRecord> swap_from_json(const JsonReader& manifest) {
  if (manifest.is_null("swap")) return std::nullopt;
  const JsonReader reader = manifest.object("swap");
  reader.require_only({"text", "tokens", "layers"});
  SwapRecord swap{reader.text("text"), reader.integer("tokens", 1), {}};
  for (const JsonReader& layer : reader.objects("layers")) {
    layer.require_only({"raw", "fold", "refit", "strength", "chosen"});
    swap.layers.push_back({layer.fraction("raw", kMost), layer.fraction("fold", kMost), layer.fraction("refit", kMost),
                           layer.fraction("strength", kMost), layer.text("chosen")});
  }
  return swap;
}

json calibration_to_json(const std::optional<ThresholdRecord>& calibration) {
  if (!calibration) return nullptr;
  json sites = json::array();
  for (const auto& [where, choice] : calibration->sites) {
    sites.push_back({{"layer", where.layer},
                     {"site", snn::site_name(where.site)},
                     {"profile", choice.profile},
                     {"clip", choice.clip},
                     {"rest", choice.rest},
                     {"plain", choice.plain},
                     {"error", choice.error},
                     {"dropped", choice.dropped}});
  }
  json verified = json::array();
  for (const Verification& text : calibration->verified) {
    verified.push_back(
        {{"text", text.text}, {"tokens", text.tokens}, {"plain", text.plain}, {"calibrated", text.calibrated}});
  }
  return {{"text", calibration->text},
          {"tokens", calibration->tokens},
          {"sites", std::move(sites)},
          {"verified", std::move(verified)}};
}

std::optional<ThresholdRecord> calibration_from_json(const JsonReader& manifest) {
  if (manifest.is_null("calibration")) return std::nullopt;
  const JsonReader reader = manifest.object("calibration");
  reader.require_only({"text", "tokens", "sites", "verified"});
  ThresholdRecord record{reader.text("text"), reader.integer("tokens", 1), {}, {}};
  for (const JsonReader& site : reader.objects("sites")) {
    site.require_only({"layer", "site", "profile", "clip", "rest", "plain", "error", "dropped"});
    record.sites.push_back({site_from_json(site),
                            {site.text("profile"), site.fraction("clip", kMost), site.boolean("rest"),
                             site.fraction("plain", kMost), site.fraction("error", kMost), site.boolean("dropped")}});
  }
  for (const JsonReader& text : reader.objects("verified")) {
    text.require_only({"text", "tokens", "plain", "calibrated"});
    record.verified.push_back({text.text("text"), text.integer("tokens", 1), text.fraction("plain", kMost),
                               text.fraction("calibrated", kMost)});
  }
  return record;
}

json retargeted_to_json(const std::optional<RetargetRecord>& retargeted) {
  if (!retargeted) return nullptr;
  return {{"from", retargeted->from},
          {"sha256", retargeted->sha256},
          {"options", options_to_json(retargeted->options)},
          {"dropped_rests", retargeted->dropped_rests}};
}

std::optional<RetargetRecord> retargeted_from_json(const JsonReader& manifest) {
  if (manifest.is_null("retargeted")) return std::nullopt;
  const JsonReader reader = manifest.object("retargeted");
  reader.require_only({"from", "sha256", "options", "dropped_rests"});
  const json& options = reader.object("options").json();
  RetargetRecord record{reader.text("from"), reader.sha256("sha256"), options_from_json(options, manifest.where()),
                        reader.integer("dropped_rests", 0)};
  if (options_to_json(record.options) != options) reader.refuse("options", "has fields that are not of this format");
  return record;
}

json files_to_json(const std::map<std::string, FileRecord>& files) {
  json result = json::object();
  for (const auto& [name, file] : files) result[name] = {{"size", file.size}, {"sha256", file.sha256}};
  return result;
}

/// A listed name never leaves the folder.
void require_plain_name(const JsonReader& files, const std::string& name) {
  if (name.empty() || name.front() == '.' || name.find_first_of(std::string("/\\\0", 3)) != std::string::npos) {
    files.refuse(name, "is not the name of a file of an artifact");
  }
}

std::map<std::string, FileRecord> files_from_json(const JsonReader& files) {
  std::map<std::string, FileRecord> result;
  for (const auto& [name, value] : files.json().items()) {
    require_plain_name(files, name);
    const JsonReader file = files.object(name);
    file.require_only({"size", "sha256"});
    result[name] = {static_cast<std::uint64_t>(file.integer("size", 0)), file.sha256("sha256")};
  }
  for (const char* const needed : {"config.json", "model.safetensors"}) {
    if (!result.contains(needed)) files.refuse(needed, "is missing");
  }
  return result;
}

void require_known_format(const JsonReader& reader) {
  if (reader.text("format") != kFormat) reader.refuse("format", "is not '" + std::string(kFormat) + "'");
  const std::int64_t version = reader.integer("format_version", 0);
  if (version == kArtifactFormatVersion) return;
  throw Error(reader.where() + ": 'format_version' " + std::to_string(version) + " is unknown; this STAC reads " +
                  std::to_string(kArtifactFormatVersion),
              "use the STAC that wrote it, or convert the model again");
}

void require_unchanged(const json& manifest, std::string_view text, const JsonReader& reader) {
  if (digest_of(manifest) == reader.sha256(kDigest) && text == canonical(manifest)) return;
  throw Error(reader.where() + ": was changed after it was written (its digest does not fit)",
              "convert the model again, or copy the artifact again");
}

}  // namespace

Manifest describe(const Conversion& conversion) {
  return {kVersion,
          conversion.origin,
          conversion.options,
          conversion.swap,
          conversion.calibration,
          conversion.allocation,
          conversion.logit_scale,
          conversion.retargeted,
          conversion.measured,
          conversion.quality,
          conversion.fallbacks,
          conversion.warnings,
          {}};
}

json manifest_to_json(const Manifest& manifest) {
  json result = options_to_json(manifest.options);
  result["format"] = kFormat;
  result["format_version"] = kArtifactFormatVersion;
  result["stac_version"] = manifest.stac_version;
  result["source"] = source_to_json(manifest.source);
  result["swap"] = swap_to_json(manifest.swap);
  result["calibration"] = calibration_to_json(manifest.calibration);
  result["allocation"] = allocation_to_json(manifest.allocation);
  result["logit_scale"] = logit_scale_to_json(manifest.logit_scale);
  result["quality"] = quality_to_json(manifest.quality);
  result["retargeted"] = retargeted_to_json(manifest.retargeted);
  result["coverage"] = manifest.measured.coverage;
  result["measured"] = measured_to_json(manifest.measured);
  result["fallbacks"] = manifest.fallbacks;
  result["warnings"] = manifest.warnings;
  if (!manifest.files.empty()) result["files"] = files_to_json(manifest.files);
  return result;
}

std::string manifest_text(const Manifest& manifest) {
  json result = manifest_to_json(manifest);
  result[kDigest] = digest_of(result);
  return canonical(result);
}

Manifest parse_manifest(std::string_view text, const std::string& where) {
  const json parsed = io::parse_json(text, where, kLimits);
  const JsonReader reader(parsed, where);
  require_known_format(reader);
  reader.require_only(
      {"unsigned",   "reset",      "format",      "format_version", "stac_version", "source",   "code",
       "timesteps",  "base",       "tau",         "spike_budget",   "dead_zone",    "headroom", "group",
       "profile",    "thresholds", "calibration", "activation",     "swap",         "quantize", "rounding",
       "simplified", "goal",       "allocation",  "logit_scale",    "retargeted",   "coverage", "measured",
       "quality",    "fallbacks",  "warnings",    "files",          kDigest});
  Manifest manifest;
  manifest.stac_version = reader.text("stac_version");
  manifest.source = source_from_json(reader.object("source"));
  manifest.options = options_from_json(parsed, where);
  manifest.swap = swap_from_json(reader);
  manifest.calibration = calibration_from_json(reader);
  manifest.allocation = allocation_from_json(reader);
  manifest.logit_scale = logit_scale_from_json(reader);
  manifest.retargeted = retargeted_from_json(reader);
  manifest.measured = measured_from_json(reader);
  manifest.quality = quality_from_json(reader);
  manifest.fallbacks = reader.texts("fallbacks");
  manifest.warnings = reader.texts("warnings");
  manifest.files = files_from_json(reader.object("files"));
  require_unchanged(parsed, text, reader);
  return manifest;
}

}  // namespace stac::convert
