#include <nlohmann/json.hpp>

#include "report/axis.hpp"
#include "stac/report/plots.hpp"

namespace stac::report {
namespace {

using nlohmann::json;

constexpr double kWidth = 680, kLabels = 140, kValues = 76, kBar = 26, kPitch = 40, kTop = 52;
constexpr const char* kKernels[] = {"product", "encode", "attention", "activation", "norm", "other"};

double total(const json& seconds) {
  double sum = 0.0;
  for (const char* const kernel : kKernels) sum += seconds.at(kernel).get<double>();
  return sum;
}

/// One bar, as wide as the whole time.
void draw_bar(Svg& svg, const json& seconds, const std::string& name, double tokens, double y) {
  const double all = total(seconds);
  const Scale x{0.0, all > 0.0 ? all : 1.0, kLabels, kWidth - kValues};
  svg.text(kLabels - 8, y + 18, name, "", Anchor::end);
  double sum = 0.0;
  int colour = 0;
  for (const char* const kernel : kKernels) {
    const double value = seconds.at(kernel).get<double>(), wide = x(sum + value) - x(sum);
    const std::string share = short_number(100.0 * value / x.to) + "%";
    svg.rectangle(x(sum), y, wide, kBar, "c" + std::to_string(colour++),
                  name + ", " + kernel + ": " + short_number(value * 1e6 / tokens) + " us a token, " + share);
    sum += value;
  }
  svg.text(kWidth - kValues + 6, y + 18, short_number(all * 1e6 / tokens) + " us");
}

}  // namespace

std::vector<Plot> profile_plots(const json& profile) {
  Svg svg(kWidth, kTop + 2 * kPitch, "Time by kernel, of reading a prompt and of decoding");
  for (int i = 0; i < kColours; ++i) {
    const double x = kLabels + i % 3 * 170, y = 14 + i / 3 * 18;
    svg.rectangle(x, y - 10, 12, 12, "c" + std::to_string(i));
    svg.text(x + 18, y, kKernels[i]);
  }
  draw_bar(svg, profile.at("prefill"), "prefill", profile.at("prompt_tokens").get<double>(), kTop);
  draw_bar(svg, profile.at("decode"), "decode", profile.at("gen_tokens").get<double>(), kTop + kPitch);
  return {{"profile", "Time by kernel",
           "Shares of a token's time, in the thread that calls the forward; encode counts the spikes, too.", svg}};
}

}  // namespace stac::report
