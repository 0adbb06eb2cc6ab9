// printf's formats, for the figures that the checks print.
#pragma once
#include <cstdio>
#include <string>

namespace stac::eval {

template <typename... Values>
[[nodiscard]] std::string formatted(const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

}  // namespace stac::eval
