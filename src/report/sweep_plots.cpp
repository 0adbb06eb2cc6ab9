#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/axis.hpp"
#include "stac/report/plots.hpp"

namespace stac::report {
namespace {

using nlohmann::json;

constexpr double kWidth = 680, kLeft = 64, kTop = 22, kBottom = 300;
constexpr double kLeastKl = 1e-5;            ///< nats: what is below is drawn there
constexpr double kLetter = 6.4, kLine = 13;  ///< of small text

double kl_of(const json& point) { return std::max(kLeastKl, point.at("kl").get<double>()); }

/// "timesteps=4 base=3" -> "T=4 b=3"
std::string short_name(std::string name) {
  for (const auto& [word, letter] :
       {std::pair{"timesteps=", "T="}, {"base=", "b="}, {"code=", ""}, {"threshold=", ""}}) {
    const auto at = name.find(word);
    if (at != std::string::npos) name.replace(at, std::string(word).size(), letter);
  }
  return name;
}

/// Where labels stand already, so that none covers another.
class Labels {
 public:
  /// A point, which no label covers.
  void keep_free(double x, double y) { taken_.push_back({x - 3.5, x + 3.5, y + 4}); }

  /// The label's baseline: above the point, below it, or the next that is free, above before below.
  double place(double x, double y, double width) {
    double line = y - 7;
    for (int away = 1; !is_free(x, line, width); ++away) {
      const double below = y + 1.15 * kLine + (away - 1) * kLine;
      line = below < kBottom && is_free(x, below, width) ? below : y - 7 - away * kLine;
    }
    taken_.push_back({x, x + width, line});
    return line;
  }

 private:
  struct Box {
    double left, right, line;
  };
  [[nodiscard]] bool is_free(double x, double line, double width) const {
    return std::none_of(taken_.begin(), taken_.end(), [&](const Box& box) {
      return x < box.right && box.left < x + width && std::abs(line - box.line) < kLine;
    });
  }
  std::vector<Box> taken_;
};

struct Axes {
  Scale x, y;
};

Axes axes_of(const json& points, const char* cost) {
  double most_cost = 0.0, least = 1e9, most = kLeastKl;
  for (const json& point : points) {
    most_cost = std::max(most_cost, point.at(cost).get<double>());
    least = std::min(least, kl_of(point));
    most = std::max(most, kl_of(point));
  }
  return {{0.0, 1.12 * most_cost, kLeft, kWidth - 10},
          {std::floor(std::log10(least) + 1e-9), std::ceil(std::log10(most) + 1e-9), kBottom, kTop}};
}

void draw_axes(Svg& svg, const Axes& axes, const std::string& title) {
  for (double power = axes.y.from; power <= axes.y.to; ++power) {
    svg.line(kLeft, axes.y(power), kWidth - 10, axes.y(power), "grid");
    svg.text(kLeft - 6, axes.y(power) + 4, short_number(std::pow(10.0, power)), "faint small", Anchor::end);
  }
  for (const double tick : ticks(0.0, axes.x.to, 7)) {
    svg.line(axes.x(tick), kTop, axes.x(tick), kBottom, "grid");
    svg.text(axes.x(tick), kBottom + 16, short_number(tick), "faint small", Anchor::middle);
  }
  svg.text(kLeft, kTop - 6, "KL, nats", "faint small");
  svg.text((kLeft + kWidth) / 2, kBottom + 34, title, "faint small", Anchor::middle);
}

std::vector<const json*> front_of(const json& points, const char* front, const char* cost) {
  std::vector<const json*> best;
  for (const json& point : points) {
    if (point.at(front).get<bool>()) best.push_back(&point);
  }
  std::sort(best.begin(), best.end(),
            [cost](const json* a, const json* b) { return a->at(cost).get<double>() < b->at(cost).get<double>(); });
  return best;
}

/// KL on a logarithmic axis over `cost`. Points of the front are joined and named.
Svg scatter(const json& points, const char* cost, const std::string& axis, const char* front,
            const std::string& title) {
  const Axes axes = axes_of(points, cost);
  const auto x_of = [&](const json& point) { return axes.x(point.at(cost).get<double>()); };
  const auto y_of = [&](const json& point) { return axes.y(std::log10(kl_of(point))); };
  Svg svg(kWidth, kBottom + 40, title);
  draw_axes(svg, axes, axis);
  const std::vector<const json*> best = front_of(points, front, cost);
  std::string path;
  for (const json* point : best) path += (path.empty() ? "M" : "L") + number(x_of(*point)) + " " + number(y_of(*point));
  if (best.size() > 1) svg.path(path, "l3", 1.2);
  for (const json& point : points) {
    svg.circle(x_of(point), y_of(point), 4, point.at(front).get<bool>() ? "c3" : "c5",
               point.at("name").get<std::string>() + ": KL " + short_number(point.at("kl").get<double>()) + ", " +
                   short_number(point.at(cost).get<double>()));
  }
  Labels labels;
  for (const json& point : points) labels.keep_free(x_of(point), y_of(point));
  for (const json* point : best) {
    const std::string name = short_name(point->at("name").get<std::string>());
    const double width = kLetter * static_cast<double>(name.size());
    const double left = std::min(x_of(*point) + 4, kWidth - width);
    svg.text(left, labels.place(left, y_of(*point), width), name, "small");
  }
  return svg;
}

}  // namespace

std::vector<Plot> sweep_plots(const json& sweep) {
  json points = json::array();
  for (const json& point : sweep.at("points")) {
    if (point.at("kl").is_number()) points.push_back(point);
  }
  if (points.empty()) return {};
  const std::string caption =
      " The front is joined and named: no other point of its storage has at most its KL for at most its ";
  return {{"pareto-spikes", "Quality and spikes",
           "KL(dense || spiking) a position over additions per multiply-accumulate." + caption + "additions.",
           scatter(points, "additions_per_mac", "additions per multiply-accumulate", "on_spike_front",
                   "KL over additions")},
          {"pareto-timesteps", "Quality and time",
           "KL(dense || spiking) a position over timesteps of the longest window." + caption + "timesteps.",
           scatter(points, "timesteps", "timesteps of the longest window", "on_time_front", "KL over timesteps")}};
}

}  // namespace stac::report
