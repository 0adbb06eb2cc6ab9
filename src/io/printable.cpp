#include "io/printable.hpp"

#include <array>
#include <cstdio>

namespace stac::io {
namespace {

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && continues_character(text[limit])) --limit;
  return text.substr(0, limit);
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  const std::string_view kept = cut(text, limit);
  std::string result;
  for (const char byte : kept) {
    const auto value = static_cast<unsigned char>(byte);
    if (value >= 0x20U && value != 0x7FU) {
      result += byte;
      continue;
    }
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned>(value));
    result += escape.data();
  }
  if (kept.size() < text.size()) result += "...";
  return result;
}

std::string in_quotes(std::string_view text, std::size_t limit) { return "'" + printable(text, limit) + "'"; }

}  // namespace stac::io
