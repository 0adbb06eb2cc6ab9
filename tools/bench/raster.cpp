#include "bench/raster.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "stac/energy/site_shape.hpp"
#include "stac/error.hpp"

namespace stac::tools {

namespace {

using nlohmann::json;

constexpr std::int64_t kRows = 96;  ///< neurons of a raster at most
constexpr std::size_t kTraces = 4;  ///< neurons whose membranes are drawn
constexpr const char* kForm = "--raster: '";

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == ':') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

snn::Site site_of(const std::string& name, const std::string& whole) {
  std::string names;
  for (const snn::Site site : snn::kSites) {
    if (snn::site_name(site) == name && site != snn::Site::head) return site;
    if (site != snn::Site::head) names += (names.empty() ? "" : ", ") + std::string(snn::site_name(site));
  }
  throw UsageError(kForm + whole + "' names no site of a layer", "choose one of " + names + ", as 0:qkv; or head");
}

bool has_heads(snn::Site site) { return site == snn::Site::scores || site == snn::Site::mix; }

/// Neurons of one row that is drawn; of softmax weights the last token's.
std::int64_t neurons_of(const model::TransformerConfig& config, snn::Site site, std::int64_t tokens) {
  if (site == snn::Site::scores) return config.head_dim;
  return site == snn::Site::mix ? tokens : energy::inputs_of(config, site);
}

/// Evenly spaced, kRows at most.
std::vector<std::int64_t> drawn_neurons(std::int64_t neurons) {
  const std::int64_t rows = std::min(neurons, kRows);
  std::vector<std::int64_t> drawn;
  for (std::int64_t i = 0; i < rows; ++i) drawn.push_back(i * neurons / rows);
  return drawn;
}

json events_json(const eval::WatchedSite& site, const eval::SpikeTable& spikes,
                 const std::vector<std::int64_t>& neurons) {
  json events = json::array();
  for (std::size_t i = 0; i < spikes.size(); ++i) {
    if (spikes.layer[i] != site.where.layer || snn::kSites[spikes.site[i]] != site.where.site) continue;
    if (spikes.head[i] != site.head) continue;
    const auto row = std::lower_bound(neurons.begin(), neurons.end(), spikes.neuron[i]);
    if (row == neurons.end() || *row != spikes.neuron[i]) continue;
    events.push_back({spikes.token[i], spikes.timestep[i], row - neurons.begin(), spikes.sign[i]});
  }
  return events;
}

struct Trace {
  std::vector<const eval::MembraneStep*> steps;
  int spikes = 0;
};

json trace_json(std::int64_t neuron, const Trace& trace) {
  json steps = json::array();
  for (const eval::MembraneStep* step : trace.steps) {
    const int spike = step->before == step->after ? 0 : step->before > 0.0 ? 1 : -1;
    steps.push_back({step->before, step->after, step->level, spike});
  }
  return {{"neuron", neuron}, {"steps", std::move(steps)}};
}

/// The neurons with the most spikes at the last token, and as different counts of spikes as there are.
json traces_json(const std::vector<eval::MembraneStep>& membranes, const std::vector<std::string>& tokens) {
  const auto last = static_cast<std::int64_t>(tokens.size()) - 1;
  std::map<std::int64_t, Trace> traces;
  for (const eval::MembraneStep& step : membranes) {
    if (step.token != last) continue;
    Trace& trace = traces[step.neuron];
    trace.steps.push_back(&step);
    trace.spikes += step.before != step.after ? 1 : 0;
  }
  std::map<int, std::vector<std::int64_t>, std::greater<>> by_spikes;
  for (const auto& [neuron, trace] : traces) by_spikes[trace.spikes].push_back(neuron);
  json neurons = json::array();
  for (std::size_t turn = 0; neurons.size() < kTraces && turn < kTraces; ++turn) {
    for (const auto& [spikes, same] : by_spikes) {
      if (neurons.size() < kTraces && turn < same.size()) neurons.push_back(trace_json(same[turn], traces[same[turn]]));
    }
  }
  return {{"token", last}, {"label", tokens.back()}, {"neurons", std::move(neurons)}};
}

}  // namespace

eval::WatchedSite parse_raster_site(const std::string& text, const model::TransformerConfig& config) {
  if (text.empty()) return {{config.layers / 2, snn::Site::down}, 0};
  if (text == "head") return {{config.layers, snn::Site::head}, 0};
  const std::vector<std::string> parts = split(text);
  const auto layer = whole_number(parts[0]);
  if (parts.size() < 2 || parts.size() > 3 || !layer) {
    throw UsageError(kForm + text + "' is not LAYER:SITE, LAYER:SITE:HEAD or head", "as --raster 0:qkv");
  }
  if (*layer >= config.layers) {
    throw UsageError(kForm + text + "' is beyond the model's layers",
                     "give a layer from 0 to " + std::to_string(config.layers - 1));
  }
  const snn::Site site = site_of(parts[1], text);
  const auto head = parts.size() == 3 ? whole_number(parts[2]) : std::optional<std::int64_t>(0);
  const std::int64_t heads = has_heads(site) ? config.heads : 1;
  if (!head || *head >= heads) {
    throw UsageError(
        kForm + text + "' names no head of this site",
        heads == 1 ? "only scores and mix have heads" : "give a head from 0 to " + std::to_string(heads - 1));
  }
  return {{*layer, site}, *head};
}

json raster_json(const convert::OpenedModel& model, const eval::WatchedSite& site,
                 const eval::SpikeRecording& recording, const std::vector<std::string>& tokens) {
  const model::TransformerConfig& config = model.config();
  const std::int64_t neurons = neurons_of(config, site.where.site, static_cast<std::int64_t>(tokens.size()));
  const std::vector<std::int64_t> drawn = drawn_neurons(neurons);
  const bool is_head = site.where.layer == config.layers;
  return {{"layer", is_head ? json(nullptr) : json(site.where.layer)},
          {"site", snn::site_name(site.where.site)},
          {"head", site.head},
          {"timesteps", model.plan().at(site.where.layer, site.where.site).code.timesteps},
          {"tokens", tokens},
          {"neurons", drawn},
          {"of", neurons},
          {"events", events_json(site, recording.spikes, drawn)},
          {"traces", traces_json(recording.membranes, tokens)}};
}

}  // namespace stac::tools
