#include "stac/io/byte_text.hpp"

#include <array>
#include <cstdio>

namespace stac::io {

std::string byte_text(std::uint64_t bytes) {
  constexpr std::array kUnits{"kB", "MB", "GB", "TB", "PB", "EB"};
  constexpr double kStep = 1000.0;
  constexpr double kRoundsUp = 999.95;  // printed with one digit, it would be 1000.0
  if (bytes < 1000) return std::to_string(bytes) + " B";
  double amount = static_cast<double>(bytes) / kStep;
  std::size_t unit = 0;
  while (amount >= kRoundsUp && unit + 1 < kUnits.size()) {
    amount /= kStep;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", amount, kUnits[unit]);
  return text.data();
}

}  // namespace stac::io
