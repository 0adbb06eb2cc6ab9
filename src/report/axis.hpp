// Scales of a plot, and the round numbers along them.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

namespace stac::report {

/// Numbers onto pixels, linearly.
struct Scale {
  double from = 0.0, to = 1.0;     ///< numbers
  double first = 0.0, last = 1.0;  ///< pixels
  [[nodiscard]] double operator()(double value) const {
    const double span = to - from;
    return span == 0.0 ? first : first + (value - from) / span * (last - first);
  }
};

/// 1, 2 or 5 times a power of ten, so that about `count` of them fill the range.
[[nodiscard]] inline double tick_step(double range, int count) {
  if (!(range > 0.0)) return 1.0;
  const double rough = range / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double times = rough / power;
  return power * (times <= 1.0 ? 1.0 : times <= 2.0 ? 2.0 : times <= 5.0 ? 5.0 : 10.0);
}

/// Round numbers from `from` to `to`.
[[nodiscard]] inline std::vector<double> ticks(double from, double to, int count) {
  const double step = tick_step(to - from, count);
  std::vector<double> values;
  const auto last = static_cast<long>(std::floor(to / step + 1e-9));
  for (auto i = static_cast<long>(std::ceil(from / step - 1e-9)); i <= last; ++i) {
    values.push_back(static_cast<double>(i) * step);
  }
  return values;
}

/// Three significant digits.
[[nodiscard]] inline std::string short_number(double value) {
  if (value == 0.0) return "0";
  char buffer[32];
  const double magnitude = std::abs(value);
  if (magnitude >= 1e5 || magnitude < 1e-4) {
    std::snprintf(buffer, sizeof buffer, "%.1e", value);
    return buffer;
  }
  const int digits = std::clamp(2 - static_cast<int>(std::floor(std::log10(magnitude))), 0, 6);
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  std::string text = buffer;
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace stac::report
