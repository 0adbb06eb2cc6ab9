#include <map>
#include <nlohmann/json.hpp>

#include "report/axis.hpp"
#include "report/utf8.hpp"
#include "stac/report/plots.hpp"

namespace stac::report {
namespace {

using nlohmann::json;

constexpr double kWidth = 680, kLeft = 58, kRight = 8;

std::string place_text(const json& raster) {
  const std::string site = raster.at("site").get<std::string>();
  std::string text = raster.at("layer").is_null()
                         ? "the head"
                         : "layer " + std::to_string(raster.at("layer").get<int>()) + ", " + site;
  if (site == "scores" || site == "mix") text += ", head " + std::to_string(raster.at("head").get<int>());
  return text;
}

/// What fits under a column: at most nine characters, blanks visible.
std::string token_label(const std::string& token) {
  std::string label;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < token.size();) {
    const std::size_t length = std::max<std::size_t>(1, character_length(std::string_view(token).substr(i)));
    if (characters++ == 9) return label + "\xE2\x80\xA6";
    const char c = token[i];
    label += c == ' ' ? "\xE2\x90\xA3" : c == '\n' ? "\xE2\x86\xB5" : token.substr(i, length);
    i += length;
  }
  return label;
}

Svg raster_drawing(const json& raster) {
  const auto tokens = static_cast<double>(raster.at("tokens").size());
  const auto neurons = static_cast<double>(raster.at("neurons").size());
  const double steps = raster.at("timesteps").get<double>();
  const double row = neurons > 64 ? 3.5 : 6.0, top = 26, bottom = top + neurons * row;
  const Scale x{0.0, tokens * steps, kLeft, kWidth - kRight};
  const double wide = std::max(0.8, 0.85 * (x(1.0) - x(0.0)));
  Svg svg(kWidth, bottom + 84, "Spikes of " + place_text(raster));
  svg.rectangle(kLeft, 6, 10, 10, "c0");
  svg.text(kLeft + 15, 15, "excitatory (+1)");
  svg.rectangle(kLeft + 130, 6, 10, 10, "c3");
  svg.text(kLeft + 145, 15,
           "inhibitory (\xE2\x88\x92"
           "1)");
  svg.text(kWidth - kRight, 15, "each column: " + std::to_string(raster.at("timesteps").get<int>()) + " timesteps",
           "faint", Anchor::end);
  for (double token = 0; token <= tokens; ++token) svg.line(x(token * steps), top, x(token * steps), bottom, "grid");
  std::string paths[2];  // one long path for each sign keeps the file small
  for (const json& event : raster.at("events")) {
    const double column = event[0].get<double>() * steps + event[1].get<double>();
    const double y = top + (event[2].get<double>() + 0.5) * row;
    paths[event[3].get<int>() > 0 ? 0 : 1] += "M" + number(x(column)) + " " + number(y) + "h" + number(wide);
  }
  if (!paths[0].empty()) svg.path(paths[0], "l0", row * 0.8);
  if (!paths[1].empty()) svg.path(paths[1], "l3", row * 0.8);
  const auto every = static_cast<std::size_t>(std::ceil(12.0 / row));
  for (std::size_t i = 0; i < raster.at("neurons").size(); i += every * 2) {
    const std::string label = std::to_string(raster.at("neurons")[i].get<long>());
    svg.text(kLeft - 6, top + (static_cast<double>(i) + 0.5) * row + 4, label, "faint small", Anchor::end);
  }
  svg.upward_text(12, top, "neuron", "faint small");
  for (std::size_t t = 0; t < raster.at("tokens").size(); ++t) {
    const double middle = x((static_cast<double>(t) + 0.5) * steps) + 4;
    svg.upward_text(middle, bottom + 6, token_label(raster.at("tokens")[t].get<std::string>()), "small");
  }
  return svg;
}

void draw_trace(Svg& svg, const json& neuron, double left, double top, double wide, double high, bool explains) {
  const json& steps = neuron.at("steps");
  double most = 0.0;
  for (const json& step : steps) {
    most = std::max({most, std::abs(step[0].get<double>()), std::abs(step[2].get<double>())});
  }
  const Scale x{0.0, static_cast<double>(steps.size()), left + 42, left + wide - 8};
  const Scale y{-1.1 * most, 1.1 * most, top + high - 20, top + 20};
  svg.text(left + 42, top + 12, "neuron " + std::to_string(neuron.at("neuron").get<long>()), "bold small");
  if (explains) svg.text(left + wide - 8, top + 12, "dashed: firing level", "faint small", Anchor::end);
  for (const double tick : ticks(y.from, y.to, 4)) {
    svg.line(x.first, y(tick), x.last, y(tick), "grid");
    svg.text(x.first - 5, y(tick) + 3, short_number(tick), "faint small", Anchor::end);
  }
  std::string membrane, level;
  double after = 0.0;
  for (std::size_t t = 0; t < steps.size(); ++t) {
    const auto now = static_cast<double>(t);
    const double charged = steps[t][0].get<double>();
    membrane += (t == 0 ? "M" : "L") + number(x(now)) + " " + number(y(t == 0 ? 0.0 : after));
    membrane += "L" + number(x(now + 0.35)) + " " + number(y(charged));
    after = steps[t][1].get<double>();
    membrane +=
        "L" + number(x(now + 0.4)) + " " + number(y(after)) + "L" + number(x(now + 1.0)) + " " + number(y(after));
    for (const double sign : {1.0, -1.0}) {
      const double at = y(sign * steps[t][2].get<double>());
      level += "M" + number(x(now)) + " " + number(at) + "H" + number(x(now + 1.0));
    }
    svg.text(x(now + 0.5), top + high - 6, std::to_string(t), "faint small", Anchor::middle);
  }
  svg.path(level, "axis dashed");
  svg.path(membrane, "l0", 1.6);
  for (std::size_t t = 0; t < steps.size(); ++t) {
    const int spike = steps[t][3].get<int>();
    if (spike == 0) continue;
    svg.circle(x(static_cast<double>(t) + 0.35), y(steps[t][0].get<double>()), 3.5, spike > 0 ? "c0" : "c3",
               std::string(spike > 0 ? "+1" : "-1") + " at timestep " + std::to_string(t));
  }
}

Svg trace_drawing(const json& raster, const json& traces) {
  const json& neurons = traces.at("neurons");
  const double high = 150, wide = kWidth / 2;
  const double rows = std::ceil(static_cast<double>(neurons.size()) / 2);
  Svg svg(kWidth, rows * high + 18, "Membranes of " + place_text(raster));
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    draw_trace(svg, neurons[i], static_cast<double>(i % 2) * wide, static_cast<double>(i / 2) * high, wide, high,
               i == 0);
  }
  svg.text(kWidth / 2, rows * high + 12, "timestep; potentials in integer steps of the code", "faint small",
           Anchor::middle);
  return svg;
}

}  // namespace

std::vector<Plot> spike_plots(const json& raster) {
  const std::string place = place_text(raster);
  const std::string drawn =
      std::to_string(raster.at("neurons").size()) + " of " + std::to_string(raster.at("of").get<long>()) + " neurons";
  std::vector<Plot> plots;
  plots.push_back(
      {"raster", "Spikes, " + place,
       "Every spike of " + drawn + ", evenly spaced, as the temporal engine fires them; under each column its token.",
       raster_drawing(raster)});
  const json& traces = raster.at("traces");
  if (traces.at("neurons").empty()) return plots;
  const std::string token = token_label(traces.at("label").get<std::string>());
  plots.push_back({"membranes", "Membranes, " + place,
                   "Potentials of some of these neurons at the token " + token +
                       ": charged, and what a spike (dot) leaves. A phase code charges once and amplifies.",
                   trace_drawing(raster, traces)});
  return plots;
}

}  // namespace stac::report
