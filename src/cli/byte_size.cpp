#include "stac/cli/byte_size.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "stac/cli/table.hpp"
#include "stac/error.hpp"

namespace stac::cli {
namespace {

constexpr std::array kPrefixes{'k', 'm', 'g', 't'};

/// Bytes of a unit in lower case.
std::optional<double> unit_bytes(const std::string& unit) {
  if (unit.empty() || unit == "b") return 1.0;
  const auto* const prefix = std::find(kPrefixes.begin(), kPrefixes.end(), unit.front());
  if (prefix == kPrefixes.end()) return std::nullopt;
  const auto power = static_cast<double>(prefix - kPrefixes.begin() + 1);
  const std::string rest = unit.substr(1);
  if (rest.empty() || rest == "ib") return std::pow(1024.0, power);
  return rest == "b" ? std::optional(std::pow(1000.0, power)) : std::nullopt;
}

}  // namespace

std::uint64_t parse_byte_size(const std::string& flag, std::string_view text) {
  double number = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  std::string unit(end, text.data() + text.size());
  std::transform(unit.begin(), unit.end(), unit.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::optional<double> factor = error == std::errc() ? unit_bytes(unit) : std::nullopt;
  const double bytes = factor ? std::floor(number * *factor) : 0.0;
  if (!(bytes >= 1.0 && bytes < 0x1p63)) {
    throw UsageError(flag + " cannot be '" + std::string(text) + "'",
                     "give a size such as 64M, 1.5G or 1000000: K, M, G, T are powers of 1024, kB, MB, GB, TB of 1000");
  }
  return static_cast<std::uint64_t>(bytes);
}

std::string byte_size_text(std::uint64_t bytes) {
  constexpr std::array kUnits{"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024.0 && unit + 1 < kUnits.size()) {
    value /= 1024.0;
    ++unit;
  }
  return fixed(value, unit == 0 || value == std::floor(value) ? 0 : 1) + " " + kUnits[unit];
}

}  // namespace stac::cli
