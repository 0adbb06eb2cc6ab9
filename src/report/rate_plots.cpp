#include <map>
#include <nlohmann/json.hpp>

#include "report/axis.hpp"
#include "stac/report/plots.hpp"

namespace stac::report {
namespace {

using nlohmann::json;

constexpr double kWidth = 680, kLabels = 70, kRow = 24;
constexpr const char* kSites[] = {"qkv", "scores", "mix", "attention_output", "up", "down", "head"};
constexpr const char* kNames[] = {"Q, K, V", "scores", "mix", "attn. out", "MLP up", "MLP down", "head"};

/// A cell for every layer and site, the darker the larger; the head stands in a row of its own.
template <typename Value>
Svg heat_map(const json& spikes, const std::string& title, Value value, const char* suffix) {
  std::map<std::string, std::vector<std::pair<const json*, double>>> rows;  // unused layers leave no row
  std::vector<std::string> order;
  double most = 0.0;
  for (const json& site : spikes.at("sites")) {
    const std::string row =
        site.at("layer").is_null() ? "head" : "layer " + std::to_string(site.at("layer").get<int>());
    if (!rows.contains(row)) order.push_back(row);
    rows[row].emplace_back(&site, value(site));
    most = std::max(most, value(site));
  }
  const double cell = (kWidth - kLabels) / 7, top = 26;
  Svg svg(kWidth, top + static_cast<double>(order.size()) * kRow + 6, title);
  for (int i = 0; i < 7; ++i) svg.text(kLabels + cell * (i + 0.5), 16, kNames[i], "faint", Anchor::middle);
  double y = top;
  for (const std::string& row : order) {
    svg.text(kLabels - 8, y + 16, row, "", Anchor::end);
    for (const std::pair<const json*, double>& entry : rows[row]) {
      const double number = entry.second;
      const std::string name = entry.first->at("site");
      const auto column = std::find(std::begin(kSites), std::end(kSites), name) - std::begin(kSites);
      const double x = kLabels + cell * static_cast<double>(column);
      svg.rectangle(x + 1, y + 1, cell - 2, kRow - 2, "c5", row + ", " + name + ": " + short_number(number) + suffix,
                    most > 0.0 ? 0.08 + 0.62 * number / most : 0.08);
      svg.text(x + cell / 2, y + 16, short_number(number) + suffix, "", Anchor::middle);
    }
    y += kRow;
  }
  return svg;
}

double share(const json& site, const char* part) {
  const double windows = site.at("windows").get<double>();
  return windows > 0.0 ? 100.0 * site.at(part).get<double>() / windows : 0.0;
}

}  // namespace

std::vector<Plot> rate_plots(const json& spikes) {
  std::vector<Plot> plots;
  plots.push_back({"spikes", "Spikes by layer",
                   "Spike-driven additions for each multiply-accumulate that they replace.",
                   heat_map(
                       spikes, "Additions per multiply-accumulate of every layer and site",
                       [](const json& site) { return site.at("per_activation").template get<double>(); }, "")});
  plots.push_back({"silent", "Silent neurons by layer",
                   "Neurons that do not spike in a window: their weights are never read.",
                   heat_map(
                       spikes, "Share of silent neurons of every layer and site",
                       [](const json& site) { return share(site, "silent"); }, "%")});
  return plots;
}

std::vector<Plot> error_plots(const json& layers) {
  double most = 0.0;
  for (const json& layer : layers) most = std::max(most, layer.at("relative_error").get<double>());
  const double bottom = 190, top = 12;
  const Scale y{0.0, most > 0.0 ? 1.08 * most : 1.0, bottom, top};
  Svg svg(kWidth, bottom + 40, "Relative error of the residual stream behind every layer");
  for (const double tick : ticks(0.0, y.to, 5)) {
    svg.line(kLabels, y(tick), kWidth, y(tick), "grid");
    svg.text(kLabels - 8, y(tick) + 4, short_number(tick), "faint small", Anchor::end);
  }
  const double pitch = (kWidth - kLabels) / static_cast<double>(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const double error = layers[i].at("relative_error").get<double>();
    const double x = kLabels + pitch * static_cast<double>(i);
    svg.rectangle(x + pitch * 0.2, y(error), pitch * 0.6, bottom - y(error), "c0",
                  "behind layer " + std::to_string(i) + ": " + short_number(error));
    const std::size_t every = (layers.size() + 31) / 32;
    if (i % every == 0) svg.text(x + pitch / 2, bottom + 16, std::to_string(i), "faint small", Anchor::middle);
  }
  svg.text((kLabels + kWidth) / 2, bottom + 34, "layer", "faint small", Anchor::middle);
  return {{"layer-errors", "Which layer loses most",
           "|spiking - source| / |source| of the residual stream, over all tokens that were read.", svg}};
}

}  // namespace stac::report
