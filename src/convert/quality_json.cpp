#include "convert/quality_json.hpp"

#include <limits>
#include <string>

#include "convert/allocation_json.hpp"

namespace stac::convert {
namespace {

using nlohmann::json;

constexpr double kMost = std::numeric_limits<double>::max();  // of perplexities and errors
constexpr double kMostSpikes = 64.0;
constexpr double kMostScale = 1e6;

bool is_null(const JsonReader& reader, const char* field) {
  return reader.json().contains(field) && reader.json()[field].is_null();
}

json steps_to_json(const std::vector<StepQuality>& steps) {
  json result = json::array();
  for (const StepQuality& step : steps) {
    result.push_back({{"step", step.step},
                      {"ratio", step.ratio},
                      {"kl", step.kl},
                      {"top1_agreement", step.top1_agreement},
                      {"distinct_predictions", step.distinct_predictions}});
  }
  return result;
}

StepQuality step_from_json(const JsonReader& step) {
  step.require_only({"step", "ratio", "kl", "top1_agreement", "distinct_predictions"});
  return {step.text("step"), step.fraction("ratio", kMost), step.fraction("kl", kMost),
          step.fraction("top1_agreement", 1.0), step.integer("distinct_predictions", 1)};
}

json layers_to_json(const std::vector<LayerError>& layers) {
  json result = json::array();
  for (const LayerError& layer : layers) result.push_back({{"of_spikes", layer.of_spikes}, {"in_all", layer.in_all}});
  return result;
}

LayerError layer_from_json(const JsonReader& layer) {
  layer.require_only({"of_spikes", "in_all"});
  return {layer.fraction("of_spikes", kMost), layer.fraction("in_all", kMost)};
}

json activity_to_json(const Activity& activity) {
  return {{"spikes_per_activation", activity.spikes_per_activation},
          {"silent", activity.silent},
          {"saturated", activity.saturated}};
}

Activity activity_from_json(const JsonReader& reader) {
  reader.require_only({"spikes_per_activation", "silent", "saturated"});
  return {reader.fraction("spikes_per_activation", kMostSpikes), reader.fraction("silent", 1.0),
          reader.fraction("saturated", 1.0)};
}

json sites_to_json(const std::vector<SiteActivity>& sites) {
  json result = json::array();
  for (const SiteActivity& site : sites) {
    result.push_back({{"layer", site.where.layer},
                      {"site", snn::site_name(site.where.site)},
                      {"activity", activity_to_json(site.activity)}});
  }
  return result;
}

SiteActivity site_activity(const JsonReader& site) {
  site.require_only({"layer", "site", "activity"});
  return {site_from_json(site), activity_from_json(site.object("activity"))};
}

std::optional<std::array<double, 2>> interval_from_json(const JsonReader& reader) {
  if (is_null(reader, "ratio_interval")) return std::nullopt;
  const JsonReader interval = reader.object("ratio_interval");
  interval.require_only({"low", "high"});
  return std::array{interval.fraction("low", kMost), interval.fraction("high", kMost)};
}

Condition condition_from_json(const JsonReader& reader) {
  const std::string name = reader.text("condition");
  for (const Condition condition : {Condition::alive, Condition::damaged, Condition::dead}) {
    if (name == condition_name(condition)) return condition;
  }
  reader.refuse("condition", "is '" + name + "', unknown");
}

}  // namespace

json quality_to_json(const std::optional<QualityRecord>& quality) {
  if (!quality) return nullptr;
  json result{{"text", quality->text},
              {"windows", quality->windows},
              {"context", quality->context},
              {"scored_tokens", quality->scored_tokens},
              {"source_perplexity", quality->source_perplexity},
              {"source_distinct_predictions", quality->source_distinct_predictions},
              {"steps", steps_to_json(quality->steps)},
              {"ratio_interval", nullptr},
              {"condition", condition_name(quality->condition)},
              {"verdict", quality->verdict},
              {"layers", layers_to_json(quality->layers)},
              {"activity", activity_to_json(quality->activity)},
              {"sites", sites_to_json(quality->sites)}};
  if (const auto& interval = quality->ratio_interval) {
    result["ratio_interval"] = {{"low", interval->front()}, {"high", interval->back()}};
  }
  return result;
}

std::optional<QualityRecord> quality_from_json(const JsonReader& manifest) {
  if (is_null(manifest, "quality")) return std::nullopt;
  const JsonReader reader = manifest.object("quality");
  reader.require_only({"text", "windows", "context", "scored_tokens", "source_perplexity",
                       "source_distinct_predictions", "steps", "ratio_interval", "condition", "verdict", "layers",
                       "activity", "sites"});
  QualityRecord quality;
  quality.text = reader.text("text");
  quality.windows = reader.integer("windows", 1);
  quality.context = reader.integer("context", 2);
  quality.scored_tokens = reader.integer("scored_tokens", 1);
  quality.source_perplexity = reader.fraction("source_perplexity", kMost);
  quality.source_distinct_predictions = reader.integer("source_distinct_predictions", 1);
  for (const JsonReader& step : reader.objects("steps")) quality.steps.push_back(step_from_json(step));
  if (quality.steps.empty()) reader.refuse("steps", "is empty");
  quality.ratio_interval = interval_from_json(reader);
  quality.condition = condition_from_json(reader);
  quality.verdict = reader.text("verdict");
  for (const JsonReader& layer : reader.objects("layers")) quality.layers.push_back(layer_from_json(layer));
  quality.activity = activity_from_json(reader.object("activity"));
  for (const JsonReader& site : reader.objects("sites")) quality.sites.push_back(site_activity(site));
  return quality;
}

json logit_scale_to_json(const std::optional<LogitScaleRecord>& scale) {
  if (!scale) return nullptr;
  return {{"text", scale->text},   {"tokens", scale->tokens}, {"fitted", scale->fitted},
          {"plain", scale->plain}, {"scaled", scale->scaled}, {"scale", scale->scale}};
}

std::optional<LogitScaleRecord> logit_scale_from_json(const JsonReader& manifest) {
  if (is_null(manifest, "logit_scale")) return std::nullopt;
  const JsonReader reader = manifest.object("logit_scale");
  reader.require_only({"text", "tokens", "fitted", "plain", "scaled", "scale"});
  LogitScaleRecord record{reader.text("text"),
                          reader.integer("tokens", 1),
                          reader.fraction("fitted", kMostScale),
                          reader.fraction("plain", kMost),
                          reader.fraction("scaled", kMost),
                          reader.fraction("scale", kMostScale)};
  if (record.scale == 0.0) reader.refuse("scale", "is 0");
  return record;
}

}  // namespace stac::convert
