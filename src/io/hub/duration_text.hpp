// Times, for people.
#pragma once
#include <array>
#include <chrono>
#include <cstdio>
#include <string>

namespace stac::io {

/// 1500 ms -> "1.5 s", 90000 ms -> "90 s".
[[nodiscard]] inline std::string duration_text(std::chrono::milliseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g s", static_cast<double>(time.count()) / 1000.0);
  return text.data();
}

}  // namespace stac::io
