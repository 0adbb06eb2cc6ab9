#include <nlohmann/json.hpp>

#include "report/axis.hpp"
#include "stac/report/plots.hpp"

namespace stac::report {
namespace {

using nlohmann::json;

constexpr double kWidth = 680, kLabels = 140, kValues = 76, kBar = 20, kPitch = 30;

/// One colour of the bars.
struct Piece {
  const char* part;   ///< key of "parts"; empty: all compute
  const char* label;  ///< in the legend
};

constexpr Piece kCompute[] = {{"products", "products"},
                              {"neurons", "neurons"},
                              {"encoding", "encoding"},
                              {"currents", "currents"},
                              {"non-spiking", "norms, softmax, ..."}};
constexpr Piece kMemory[] = {{"", "all compute"},  {"weights", "weights"},     {"cache", "keys, values"},
                             {"spikes", "spikes"}, {"membranes", "membranes"}, {"activations", "activations"}};

double microjoules(const json& contender, const Piece& piece, double tokens) {
  const json& energy = *piece.part == '\0' ? contender.at("compute") : contender.at("parts").at(piece.part);
  return energy.get<double>() * 1e-6 / tokens;
}

template <std::size_t N>
void draw_legend(Svg& svg, const Piece (&pieces)[N], double y) {
  for (std::size_t i = 0; i < N; ++i) {
    const double x = kLabels + static_cast<double>(i % 3) * 170, line = y + static_cast<double>(i / 3) * 18;
    svg.rectangle(x, line - 10, 12, 12, "c" + std::to_string(i));
    svg.text(x + 18, line, pieces[i].label);
  }
}

template <std::size_t N>
Svg bars(const json& energy, const Piece (&pieces)[N], const char* total, const std::string& title) {
  const json& contenders = energy.at("contenders");
  const double tokens = energy.at("tokens").get<double>();
  const double top = 52, bottom = top + static_cast<double>(contenders.size()) * kPitch;
  double most = 0.0;
  for (const json& contender : contenders) most = std::max(most, contender.at(total).get<double>() * 1e-6 / tokens);
  const Scale x{0.0, most > 0.0 ? most : 1.0, kLabels, kWidth - kValues};
  Svg svg(kWidth, bottom + 40, title);
  draw_legend(svg, pieces, 14);
  for (const double tick : ticks(0.0, x.to, 6)) {
    svg.line(x(tick), top - 6, x(tick), bottom, "grid");
    svg.text(x(tick), bottom + 16, short_number(tick), "faint small", Anchor::middle);
  }
  svg.text((kLabels + kWidth - kValues) / 2, bottom + 34, "microjoules a token", "faint small", Anchor::middle);
  double y = top;
  for (const json& contender : contenders) {
    const auto name = contender.at("name").get<std::string>();
    svg.text(kLabels - 8, y + 15, name, y == top ? "bold" : "", Anchor::end);
    double sum = 0.0;
    for (std::size_t i = 0; i < N; ++i) {
      const double value = microjoules(contender, pieces[i], tokens);
      const double wide = x(sum + value) - x(sum);
      if (wide > 0.0) {
        svg.rectangle(x(sum), y, wide, kBar, "c" + std::to_string(i),
                      name + ", " + pieces[i].label + ": " + short_number(value) + " uJ a token");
      }
      sum += value;
    }
    svg.text(x(sum) + 6, y + 15, short_number(sum));
    y += kPitch;
  }
  return svg;
}

}  // namespace

std::vector<Plot> energy_plots(const json& energy) {
  const std::string model = energy.at("model").get<std::string>();
  std::vector<Plot> plots;
  plots.push_back({"energy-compute", "Energy of compute",
                   "Without memory traffic, " + model + ". The first colour alone is what most comparisons show.",
                   bars(energy, kCompute, "compute", "Energy of compute, a bar for each way of computing the model")});
  plots.push_back(
      {"energy-memory", "Energy with memory traffic",
       "Each token reads the weights anew, as in decoding one conversation. Weights, keys and values lie in "
       "the smallest memory of the energy model that holds them.",
       bars(energy, kMemory, "with_memory", "Energy with memory traffic, a bar for each way of computing")});
  return plots;
}

}  // namespace stac::report
