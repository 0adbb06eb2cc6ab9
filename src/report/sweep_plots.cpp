#include <nlohmann/json.hpp>

#include "report/axis.hpp"
#include "stac/report/plots.hpp"

namespace stac::report {
namespace {

using nlohmann::json;

constexpr double kWidth = 680, kLeft = 64, kTop = 14, kBottom = 300;
constexpr double kLeastLoss = 0.01;  ///< percent: what is below is drawn there

double loss(const json& point) { return std::max(kLeastLoss, 100.0 * (point.at("ratio").get<double>() - 1.0)); }

/// Perplexity above the source's, on a logarithmic axis, over `cost`. Labels stand beside points of the front.
Svg scatter(const json& points, const char* cost, const std::string& axis, const char* front,
            const std::string& title) {
  double most_cost = 0.0, least = 1e9, most = kLeastLoss;
  for (const json& point : points) {
    most_cost = std::max(most_cost, point.at(cost).get<double>());
    least = std::min(least, loss(point));
    most = std::max(most, loss(point));
  }
  const Scale x{0.0, 1.12 * most_cost, kLeft, kWidth - 10};
  const Scale y{std::floor(std::log10(least)), std::ceil(std::log10(most) + 1e-9), kBottom, kTop};
  Svg svg(kWidth, kBottom + 40, title);
  for (double power = y.from; power <= y.to; ++power) {
    svg.line(kLeft, y(power), kWidth - 10, y(power), "grid");
    svg.text(kLeft - 6, y(power) + 4, "+" + short_number(std::pow(10.0, power)) + "%", "faint small", Anchor::end);
  }
  for (const double tick : ticks(0.0, x.to, 7)) {
    svg.line(x(tick), kTop, x(tick), kBottom, "grid");
    svg.text(x(tick), kBottom + 16, short_number(tick), "faint small", Anchor::middle);
  }
  svg.text((kLeft + kWidth) / 2, kBottom + 34, axis, "faint small", Anchor::middle);
  std::vector<const json*> best;
  for (const json& point : points) {
    if (point.at(front).get<bool>()) best.push_back(&point);
  }
  std::sort(best.begin(), best.end(), [&](const json* a, const json* b) {
    return a->at(cost).template get<double>() < b->at(cost).template get<double>();
  });
  std::string path;
  for (const json* point : best) {
    path += (path.empty() ? "M" : "L") + number(x(point->at(cost).get<double>())) + " " +
            number(y(std::log10(loss(*point))));
  }
  if (best.size() > 1) svg.path(path, "l3", 1.2);
  double above = -1e9;  // where the last label stands, so that the next does not cover it
  for (const json& point : points) {
    const auto name = point.at("name").get<std::string>();
    svg.circle(x(point.at(cost).get<double>()), y(std::log10(loss(point))), 4,
               point.at(front).get<bool>() ? "c3" : "c5",
               name + ": +" + short_number(loss(point)) + "%, " + short_number(point.at(cost).get<double>()));
  }
  for (const json* point : best) {
    const double at_x = x(point->at(cost).get<double>()), at_y = y(std::log10(loss(*point)));
    const double line = at_y - above < 13 && at_y > above - 13 ? above + 13 : at_y;
    const bool fits = at_x + 150 < kWidth;
    svg.text(fits ? at_x + 8 : at_x - 8, line + 4, point->at("name").get<std::string>(), "small",
             fits ? Anchor::start : Anchor::end);
    above = line;
  }
  return svg;
}

}  // namespace

std::vector<Plot> sweep_plots(const json& sweep) {
  json points = json::array();
  for (const json& point : sweep.at("points")) {
    if (point.at("ratio").is_number()) points.push_back(point);
  }
  if (points.empty()) return {};
  const std::string caption =
      " The front is red: no other point is better in both. Losses below +0.01%, gains too, are drawn at +0.01%.";
  return {
      {"pareto-spikes", "Quality and spikes", "Perplexity above the source's over additions per MAC." + caption,
       scatter(points, "additions_per_mac", "additions per multiply-accumulate", "on_spike_front",
               "Perplexity over additions")},
      {"pareto-timesteps", "Quality and time", "Perplexity above the source's over timesteps of a window." + caption,
       scatter(points, "timesteps", "timesteps of the longest window", "on_time_front", "Perplexity over timesteps")}};
}

}  // namespace stac::report
